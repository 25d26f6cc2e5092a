package dev.sam2j.video;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.image.pixels.Orientation;
import dev.sam2j.predictors.video.VideoException;
import dev.sam2j.video.ffmpeg.DisplayMatrix;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VideoFileTest {
    @TempDir
    Path folder;

    @Test
    void framesComeInOrderWithTheirColours() {
        Path file = Drawn.write(folder.resolve("a.mp4"), 130, 160, 96, 25);
        try (VideoFile video = VideoFile.open(file)) {
            assertEquals(130, video.frames());
            assertEquals(160, video.width());
            assertEquals(96, video.height());
            assertEquals(25, video.framesPerSecond(), 1e-6);
            assertNull(video.damage());
            for (int i = 0; i < 130; i++) {
                Picture picture = video.read(i);
                assertEquals(i, Drawn.number(picture));
                assertColour(0xA02828, picture.pixel(30, 70));
                assertColour(0x283CA0, picture.pixel(130, 70));
            }
        }
    }

    private static void assertColour(int expected, int actual) {
        for (int shift = 0; shift <= 16; shift += 8) {
            // What an encoder at this rate may change on an even ground.
            assertEquals(expected >> shift & 255, actual >> shift & 255, 8, Integer.toHexString(actual));
        }
    }

    @Test
    void anyFrameCanBeReadAtAnyTimeAndIsTheSame() {
        Path file = Drawn.write(folder.resolve("a.mp4"), 90, 64, 64, 10);
        Picture[] inOrder = new Picture[90];
        try (VideoFile video = VideoFile.open(file)) {
            Arrays.setAll(inOrder, video::read);
        }
        Random random = new Random(5);
        try (VideoFile video = VideoFile.open(file)) {
            for (int i = 0; i < 60; i++) {
                int frame = i < 3 ? 89 - i : random.nextInt(90);
                assertTrue(Arrays.equals(inOrder[frame].rgb(), video.read(frame).rgb()), "frame " + frame);
                assertTrue(Arrays.equals(inOrder[frame].rgb(), video.read(frame).rgb()), "again frame " + frame);
            }
        }
    }

    @Test
    void oddSizesAreWrittenWithACopiedBorder() {
        Path file = Drawn.write(folder.resolve("odd.mp4"), 3, 65, 33, 10);
        try (VideoFile video = VideoFile.open(file)) {
            assertEquals(66, video.width());
            assertEquals(34, video.height());
            assertEquals(2, Drawn.number(video.read(2)));
        }
    }

    @Test
    void turnsFollowTheMatrix() {
        assertEquals(Orientation.NORMAL, DisplayMatrix.of(1 << 16, 0, 0, 1 << 16));
        // Two pixels side by side, a and b, as phones store what was held upright: a quarter turn clockwise.
        Orientation quarter = DisplayMatrix.of(0, 1 << 16, -(1 << 16), 0);
        Picture pixels = Picture.of(new byte[] {1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4}, 2, 2); // 1 2 over 3 4
        assertEquals(
                "[3, 3, 3, 1, 1, 1, 4, 4, 4, 2, 2, 2]",
                Arrays.toString(quarter.apply(pixels).rgb()));
        Orientation back = DisplayMatrix.of(0, -(1 << 16), 1 << 16, 0);
        assertEquals(
                "[2, 2, 2, 4, 4, 4, 1, 1, 1, 3, 3, 3]",
                Arrays.toString(back.apply(pixels).rgb()));
        Orientation half = DisplayMatrix.of(-(1 << 16), 0, 0, -(1 << 16));
        assertEquals(
                "[4, 4, 4, 3, 3, 3, 2, 2, 2, 1, 1, 1]",
                Arrays.toString(half.apply(pixels).rgb()));
    }

    @Test
    void aTurnNotedInTheFileIsFollowed() throws IOException {
        Path file = Drawn.write(folder.resolve("a.mp4"), 4, 64, 32, 10);
        // The track header's matrix: 36 bytes that end 8 bytes before the box does.
        byte[] bytes = Files.readAllBytes(file);
        int box = indexOf(bytes, "tkhd") - 4;
        int matrix = box + (bytes[box + 2] & 255) * 256 + (bytes[box + 3] & 255) - 8 - 36;
        int[] quarter = {0, 1 << 16, 0, -(1 << 16), 0, 0, 32 << 16, 0, 1 << 30};
        java.nio.ByteBuffer buffer = java.nio.ByteBuffer.wrap(bytes).position(matrix);
        for (int value : quarter) {
            buffer.putInt(value);
        }
        Files.write(file, bytes);
        try (VideoFile video = VideoFile.open(file)) {
            assertEquals(32, video.width());
            assertEquals(64, video.height());
            Picture picture = video.read(0);
            assertColour(0xA02828, picture.pixel(5, 8)); // the lower left corner has come up
            assertColour(0x283CA0, picture.pixel(5, 56));
            assertColour(0x000000, picture.pixel(28, 30)); // the upper border lies at the right
        }
    }

    private static int indexOf(byte[] bytes, String text) {
        return new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1).indexOf(text);
    }

    @Test
    void aFileWithoutItsEndSaysSo() throws IOException {
        byte[] bytes = Files.readAllBytes(Drawn.write(folder.resolve("a.mp4"), 60, 64, 64, 10));
        Path cut = Files.write(folder.resolve("cut.mp4"), Arrays.copyOf(bytes, bytes.length / 2));
        VideoException e = assertThrows(VideoException.class, () -> VideoFile.open(cut));
        assertTrue(e.getMessage().contains("cut.mp4 cannot be read as a video"), e.getMessage());
    }

    @Test
    void damageInTheMiddleIsNamedAndEverythingBeforeCanBeRead() throws IOException {
        Path file = folder.resolve("a.mp4");
        byte[] bytes = Files.readAllBytes(Drawn.write(file, 60, 128, 128, 10));
        int data = indexOf(bytes, "mdat") + 4;
        int index = indexOf(bytes, "moov") - 4;
        assertTrue(index > data, "the index follows the pictures");
        Arrays.fill(bytes, data + (index - data) / 2, index, (byte) 0);
        Files.write(file, bytes);
        try (VideoFile video = VideoFile.open(file, VideoReadOptions.DEFAULT.withStrict(true))) {
            int last = video.frames() - 1;
            assertTrue(last > 5 && last < 59, "whole frames: " + last);
            for (int i = 0; i < last; i++) {
                assertEquals(i, Drawn.number(video.read(i)));
            }
            VideoException e = assertThrows(VideoException.class, () -> video.read(last));
            assertEquals(video.damage(), e.getMessage());
            assertTrue(e.getMessage().contains("frame " + last + " cannot be read"), e.getMessage());
            assertEquals(3, Drawn.number(video.read(3)));
        }
    }

    @Test
    void whatIsNoVideoIsRefused() throws IOException {
        Path text = Files.writeString(folder.resolve("notes.mp4"), "not a video ".repeat(1000));
        assertRefused(text, "notes.mp4 cannot be read as a video");
        Path empty = Files.createFile(folder.resolve("empty.mp4"));
        assertRefused(empty, "empty.mp4 is empty");
        assertRefused(folder.resolve("missing.mp4"), "missing.mp4 does not exist");
        assertRefused(folder, "is a folder");
    }

    /** Playlists could make FFmpeg open other files and servers. */
    @Test
    void playlistsAreRefused() throws IOException {
        Path video = Drawn.write(folder.resolve("a.mp4"), 4, 64, 64, 10);
        Path playlist = Files.writeString(
                folder.resolve("list.mp4"),
                "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n" + video + "\n#EXT-X-ENDLIST\n");
        assertRefused(playlist, "list.mp4 is a playlist");
        Path concat = Files.writeString(folder.resolve("list.ffconcat"), "ffconcat version 1.0\nfile a.mp4\n");
        assertRefused(concat, "list.ffconcat is a playlist");
    }

    private static void assertRefused(Path file, String message) {
        VideoException e = assertThrows(VideoException.class, () -> VideoFile.open(file));
        assertTrue(e.getMessage().contains(message), e.getMessage());
        assertFalse(e.getMessage().contains("\n"));
    }

    @Test
    void framesThatDoNotExistAreRefused() {
        try (VideoFile video = VideoFile.open(Drawn.write(folder.resolve("a.mp4"), 4, 64, 64, 10))) {
            assertThrows(VideoException.class, () -> video.read(4));
            assertThrows(VideoException.class, () -> video.read(-1));
        }
    }

    @Test
    void writersLeaveNothingBehindIfTheyFail() throws IOException {
        Path file = folder.resolve("b.mp4");
        VideoWriter writer = VideoWriter.create(file, 64, 64, 10);
        assertThrows(IllegalArgumentException.class, () -> writer.add(Drawn.frame(0, 32, 32)));
        writer.close();
        try (Stream<Path> left = Files.list(folder)) {
            assertEquals(0, left.count());
        }
        assertThrows(VideoException.class, () -> VideoWriter.create(folder.resolve("no/c.mp4"), 64, 64, 10));
        assertThrows(IllegalArgumentException.class, () -> VideoWriter.create(file, 64, 64, 0));
    }
}
