package dev.sam2j.video;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.video.VideoException;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.junit.jupiter.params.provider.CsvSource;

/** Files of other tools; make.sh beside them says how they were made, frames.csv what ffprobe counts. */
class VideoKindsTest {
    @TempDir
    Path folder;

    private static Path file(String name) {
        try {
            return Path.of(VideoKindsTest.class.getResource(name).toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean isWhole(String name) {
        return !name.matches("(cut_|broken|lossy|changed).*");
    }

    @ParameterizedTest
    @CsvFileSource(resources = "frames.csv")
    void framesAreThoseThatFfprobeCountsAndComeAlikeInAnyOrder(String name, int frames) {
        try (VideoFile video = VideoFile.open(file(name))) {
            assertEquals(frames, video.frames());
            Picture[] inOrder = new Picture[frames];
            for (int i = 0; i < frames; i++) {
                inOrder[i] = video.read(i);
                assertEquals(video.width(), inOrder[i].width());
                assertEquals(video.height(), inOrder[i].height());
                assertTrue(video.time(i) < video.time(i + 1), "times ascend");
            }
            // The pattern moves: no two frames of a whole file are the same.
            for (int i = 1; i < frames && isWhole(name); i++) {
                assertTrue(!java.util.Arrays.equals(inOrder[i - 1].rgb(), inOrder[i].rgb()), "frame " + i);
            }
            boolean unflagged = name.equals("cut_mjpeg.avi"); // the decoder leaves what is missing as it was before
            Random random = new Random(7);
            for (int i = 0; i < 12 && !unflagged; i++) {
                int frame = random.nextInt(frames);
                assertArrayEquals(inOrder[frame].rgb(), video.read(frame).rgb(), "frame " + frame);
            }
            assertEquals(isWhole(name), video.damage() == null, video.damage());
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "cut_h264.mkv | the file was cut off: it ends after 6180 of at least 10301 bytes",
                "cut_mjpeg.avi | the file was cut off: it ends after 17580 of at least 29300 bytes",
                "cut_fragments.mp4 | the file was cut off: it ends after 3882 of at least",
                "cut_vp9.webm | the file was cut off: it ends after 4534 of at least 7557 bytes",
                "cut_apng.png | the file was cut off: it ends after 15588 of at least",
                "broken.mp4 | pictures are damaged (first frame ",
                "lossy.ts | chunks of data are incomplete (first before frame ",
                "changed_size.ts | 10 pictures of another size were scaled (first frame 25: 128x96)",
            })
    void whatIsWrongIsToldOnOneLine(String name, String words) {
        try (VideoFile video = VideoFile.open(file(name))) {
            assertTrue(video.damage().contains(words), video.damage());
            assertTrue(video.damage().startsWith(file(name) + ": "), video.damage());
            assertEquals(1, video.damage().lines().count());
        }
    }

    @ParameterizedTest
    @CsvSource({"cut_h264.mkv", "cut_mjpeg.avi", "cut_fragments.mp4", "broken.mp4", "lossy.ts", "changed_size.ts"})
    void strictlyTheVideoEndsAtTheFirstDamage(String name) {
        try (VideoFile video = VideoFile.open(file(name), VideoReadOptions.DEFAULT.withStrict(true))) {
            int last = video.frames() - 1;
            for (int i = 0; i < last; i++) {
                video.read(i);
            }
            VideoException e = assertThrows(VideoException.class, () -> video.read(last));
            assertEquals(video.damage(), e.getMessage());
            assertTrue(e.getMessage().contains("frame " + last + " cannot be read"), e.getMessage());
        }
    }

    @Test
    void turnsCanBeIgnored() {
        try (VideoFile turned = VideoFile.open(file("rotated.mp4"));
                VideoFile stored =
                        VideoFile.open(file("rotated.mp4"), VideoReadOptions.DEFAULT.withOrientation(false))) {
            assertEquals(List.of(64, 96), List.of(turned.width(), turned.height()));
            assertEquals(List.of(96, 64), List.of(stored.width(), stored.height()));
            Picture upright = turned.read(3);
            Picture lying = stored.read(3);
            // The note says 90 degrees to the left: what is at the top right comes to the top left.
            assertEquals(lying.pixel(95, 0), upright.pixel(0, 0));
            assertEquals(lying.pixel(0, 0), upright.pixel(0, 95));
        }
    }

    @Test
    void timesAreThoseOfTheFile() {
        try (VideoFile video = VideoFile.open(file("variable.mp4"))) {
            double[] times = {0, .04, .08, .12, .16, .2, .24, .28, .4, .6, .8}; // ffprobe: pts_time
            for (int i = 0; i < times.length; i++) {
                assertEquals(times[i], video.time(i), 1e-6);
            }
            assertThrows(IllegalArgumentException.class, () -> video.time(12));
        }
        try (VideoFile video = VideoFile.open(file("raw.h264"))) { // stores no times
            assertEquals(0.96, video.time(24), 1e-6);
        }
    }

    @Test
    void coversAreNoVideos() {
        VideoException e = assertThrows(VideoException.class, () -> VideoFile.open(file("cover.m4a")));
        assertTrue(e.getMessage().contains("its only picture is the cover of a sound file"), e.getMessage());
        try (VideoFile video = VideoFile.open(file("film_and_cover.mp4"))) {
            assertEquals(96, video.width());
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a.jpg | FF D8 FF E0 00 10 | is a JPEG picture, not a video; for a video made of pictures name their folder",
                "a.png | 89 50 4E 47 0D 0A 1A 0A 00 | is a PNG picture, not a video",
                "a.mp4 | 49 49 2A 00 08 00 | is a TIFF picture, not a video",
                "a.mp4 | 00 00 00 18 66 74 79 70 68 65 69 63 00 00 | is a HEIF picture, not a video",
                "a.mp4 | 52 49 46 46 00 00 00 00 57 45 42 50 56 50 38 20 | is a WebP picture, not a video",
                "a.mp4 | 50 4B 03 04 00 00 | is a ZIP archive, not a video; unpack it",
                "a.mp4 | 49 44 33 04 00 00 | is a sound file, not a video",
                "a.mp4 | 3C 48 54 4D 4C 3E | is a web page, not a video",
                "a.mp4 | 00 00 00 08 66 74 79 70 | its index (moov) is missing or broken",
                "a.mp4 | 01 02 03 04 05 06 07 08 | it is of no format that is read (mp4, ",
            })
    void whatIsNoVideoIsCalledWhatItIs(String name, String bytes, String words) throws IOException {
        String[] digits = bytes.split(" ");
        byte[] head = new byte[digits.length];
        for (int i = 0; i < head.length; i++) {
            head[i] = (byte) Integer.parseInt(digits[i], 16);
        }
        Path file = Files.write(folder.resolve(name), head);
        VideoException e = assertThrows(VideoException.class, () -> VideoFile.open(file));
        assertTrue(e.getMessage().contains(name + " ") && e.getMessage().contains(words), e.getMessage());
    }

    /** Memory for all of these would be taken before the first is read. */
    @Test
    void filesThatClaimMorePicturesThanBytesAreRefused() throws IOException {
        byte[] bytes = Files.readAllBytes(file("h264.mp4"));
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        buffer.putInt(text.indexOf("stsz") + 8, 1).putInt(text.indexOf("stsz") + 12, 20_000_000);
        buffer.putInt(text.indexOf("stsc") + 16, 20_000_000).putInt(text.indexOf("stts") + 12, 20_000_000);
        Path claims = Files.write(folder.resolve("claims.mp4"), bytes);
        VideoException e = assertThrows(VideoException.class, () -> VideoFile.open(claims));
        assertTrue(e.getMessage().contains("it claims 20000000 pictures and pieces of sound"), e.getMessage());
    }

    @Test
    void namesAreNoPatternsAndNoAddresses() throws IOException {
        Charset names = Charset.forName(System.getProperty("sun.jnu.encoding"));
        for (String name : List.of("a%02d.mp4", "a*.mp4", "concat:b.mp4", "b [1].mp4", "caf\u00E9.mp4", "-i")) {
            if (!names.newEncoder().canEncode(name)) {
                continue; // no file of this machine's locale is called so
            }
            Path copy = Files.copy(file("h264.mp4"), folder.resolve(name));
            try (VideoFile video = VideoFile.open(copy)) {
                assertEquals(25, video.frames());
            }
        }
    }

    /** Native memory has no collector: a file of a kilobyte that is not released would cost megabytes each time. */
    @Test
    void openingAndClosingManyFilesDoesNotGrow() throws IOException {
        Path status = Path.of("/proc/self/statm");
        if (!Files.exists(status)) {
            return;
        }
        open(60);
        long before = residentMegabytes(status);
        open(200);
        long after = residentMegabytes(status);
        assertTrue(after - before < 40, "resident memory grew from " + before + " to " + after + " MB");
    }

    private static void open(int times) {
        for (int i = 0; i < times; i++) {
            String name =
                    List.of("h264.mp4", "vp9.webm", "lossy.ts", "cover.m4a").get(i % 4);
            try (VideoFile video = VideoFile.open(file(name))) {
                assertNull(video.read(2).rgb().length == 0 ? "no picture" : null);
            } catch (VideoException e) {
                assertEquals("cover.m4a", name);
            }
        }
    }

    private static long residentMegabytes(Path status) throws IOException {
        return Long.parseLong(Files.readString(status).split(" ")[1]) * 4096 >> 20;
    }
}
