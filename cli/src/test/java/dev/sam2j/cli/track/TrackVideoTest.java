package dev.sam2j.cli.track;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sam2j.cli.Cli;
import dev.sam2j.cli.Clip;
import dev.sam2j.cli.TestFiles;
import dev.sam2j.predictors.image.Picture;
import dev.sam2j.video.VideoFile;
import dev.sam2j.video.VideoWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Video files as they come: times, rates and sizes that encoders do not take, damage, and what is no video. */
class TrackVideoTest {
    /** Small files of other tools. */
    private static final Path VIDEOS = Path.of("..", "video-io", "src", "test", "resources", "dev", "sam2j", "video");

    @TempDir
    Path folder;

    private Path out() {
        return folder.resolve("out");
    }

    private JsonNode tracks() throws IOException {
        return Cli.json(out().resolve("tracks.json"));
    }

    @Test
    void overlaysKeepTheTimesOfTheVideo() throws IOException {
        Cli.run("track", VIDEOS.resolve("variable.mp4"), "-o", out(), "--point", "0,1,30,30")
                .done();
        try (VideoFile source = VideoFile.open(VIDEOS.resolve("variable.mp4"));
                VideoFile overlay = VideoFile.open(out().resolve("overlay.mp4"))) {
            assertEquals(11, overlay.frames());
            for (int i = 0; i < 11; i++) {
                assertEquals(source.time(i), overlay.time(i), 1e-4);
                assertEquals(
                        source.time(i),
                        tracks().get("tracks").get(i).get("time").asDouble(),
                        1e-6);
            }
            assertEquals(source.duration(), overlay.duration(), 1e-3);
        }
        Path steps = Files.writeString(folder.resolve("s.json"), """
                [{"op":"prompt","frame":0,"object":1,"points":[[30,30]]}, {"op":"propagate","max":2}]""");
        Cli.run("track", VIDEOS.resolve("variable.mp4"), "-o", out(), "--prompts", steps, "--fps", "5")
                .done();
        try (VideoFile overlay = VideoFile.open(out().resolve("overlay.mp4"))) {
            assertEquals(0.6, overlay.time(3), 1e-3);
        }
    }

    @ParameterizedTest
    @CsvSource({"13,11,30", "64,48,2000", "65,47,0.5"})
    void overlaysHaveASizeAndARateThatEncodersTake(int width, int height, double rate) throws IOException {
        Path clip = folder.resolve("clip.mkv.mp4");
        byte[] grey = new byte[3 * width * height];
        java.util.Arrays.fill(grey, (byte) 120);
        Path frames = Files.createDirectory(folder.resolve("frames"));
        Files.write(frames.resolve("0.png"), TestFiles.png(width, height, 1));
        Files.write(frames.resolve("1.png"), TestFiles.png(width, height, 1));
        Cli.run("track", frames, "-o", out(), "--point", "0,1,5,5", "--fps", rate)
                .done();
        try (VideoFile overlay = VideoFile.open(out().resolve("overlay.mp4"))) {
            assertEquals(2, overlay.frames());
            assertEquals(2 / rate, overlay.time(2), 1e-4);
        }
        try (VideoWriter writer = VideoWriter.create(clip, width, height, rate)) {
            writer.add(Picture.of(grey, width, height));
            writer.add(Picture.of(grey, width, height));
        }
        Cli.run("track", clip, "-o", out(), "--point", "0,1,5,5").done();
        try (VideoFile overlay = VideoFile.open(out().resolve("overlay.mp4"))) {
            assertEquals(2 / rate, overlay.time(2), 1e-4);
        }
    }

    @Test
    void anOverlayThatFailsLosesNothing() throws IOException {
        Path frames = Clip.folder(folder.resolve("frames"), 2);
        Files.createDirectories(out().resolve("overlay.mp4/in the way"));
        Cli.Outcome outcome = Cli.run("track", frames, "-o", out(), "--point", "0,1,22,20");
        assertEquals(1, outcome.code());
        assertTrue(outcome.err().contains("the overlay could not be made: "), outcome.err());
        assertTrue(outcome.err().contains("overlay.mp4 cannot be written: it is a folder"), outcome.err());
        assertTrue(tracks().get("complete").asBoolean());
        assertEquals(2, tracks().get("tracks").size());
        assertEquals(Set.of("00000.png", "00001.png"), Cli.names(out().resolve("masks")));
        assertEquals(Set.of("masks", "overlay.mp4", "tracks.json"), Cli.names(out()));
    }

    @Test
    void damagedVideosAreTrackedToTheirEndAndToldOf() throws IOException {
        Path video = VIDEOS.resolve("cut_h264.mkv");
        Cli.Outcome outcome = Cli.run("track", video, "-o", out(), "--point", "0,1,30,30", "--overlay", "none")
                .done();
        String told = video + ": the file was cut off: it ends after 6180 of at least 10301 bytes";
        assertTrue(outcome.err().contains("sam2j: warning: " + told + System.lineSeparator()), outcome.err());
        assertEquals(told, tracks().get("damage").asText());
        assertTrue(tracks().get("complete").asBoolean());
        assertEquals(15, tracks().get("tracks").size());
        Path strict = folder.resolve("strict");
        outcome = Cli.run("track", video, "-o", strict, "--point", "12,1,30,30", "--overlay", "none", "--strict");
        assertEquals(1, outcome.code());
        assertFalse(Cli.json(strict.resolve("tracks.json")).get("complete").asBoolean());
    }

    @Test
    void turnedVideosAreTakenAsShownOrAsStored() throws IOException {
        Path video = VIDEOS.resolve("rotated.mp4");
        List<String> options = List.of("track", video.toString(), "--overlay", "none", "-o", out().toString());
        List<Object> one = new java.util.ArrayList<>(options);
        one.addAll(List.of("--prompts", Files.writeString(folder.resolve("s.json"), """
                [{"op":"prompt","frame":0,"object":1,"points":[[30,30]]}]""")));
        Cli.run(one.toArray()).done();
        assertEquals("[64,96]", tracks().get("size").toString());
        one.add("--ignore-exif");
        Cli.run(one.toArray()).done();
        assertEquals("[96,64]", tracks().get("size").toString());
    }

    @Test
    void sourcesThatAreNoVideos() throws IOException {
        Path picture = Files.write(folder.resolve("a.png"), TestFiles.png(30, 20, 1));
        Cli.run("track", picture, "-o", out(), "--point", "0,1,1,1").failed(1, "a.png is a PNG picture, not a video");
        Path empty = Files.createFile(folder.resolve("a.mp4"));
        Cli.run("track", empty, "-o", out(), "--point", "0,1,1,1").failed(1, "a.mp4 is empty");
        Cli.run("track", VIDEOS.resolve("cover.m4a"), "-o", out(), "--point", "0,1,1,1")
                .failed(1, "cover.m4a is no video: its only picture is the cover of a sound file");
        assertFalse(Files.exists(out()));
    }
}
