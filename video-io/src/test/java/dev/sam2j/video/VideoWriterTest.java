package dev.sam2j.video;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.predictors.image.Picture;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VideoWriterTest {
    @TempDir
    Path folder;

    private static Picture half(int width, int height) {
        byte[] rgb = new byte[3 * width * height];
        for (int i = 0; i < rgb.length; i++) {
            boolean left = i / 3 % width < width / 2;
            rgb[i] = (byte) (left ? 200 : 60);
        }
        return Picture.of(rgb, width, height);
    }

    /** Sizes that encoders refuse are enlarged or halved; the picture stays what it is. */
    @ParameterizedTest
    @CsvSource({
        "2,2,16,16",
        "14,10,28,20",
        "15,400,16,400",
        "17,31,18,32",
        "96,64,96,64",
        "9000,40,9000,40",
        "6000,4000,3000,2000",
        "1,1,16,16"
    })
    void anySizeCanBeWritten(int width, int height, int writtenWidth, int writtenHeight) {
        Path file = folder.resolve("a.mp4");
        try (VideoWriter writer = VideoWriter.create(file, width, height, 25)) {
            assertEquals(writtenWidth, writer.width());
            assertEquals(writtenHeight, writer.height());
            writer.add(half(width, height));
            writer.add(half(width, height));
        }
        try (VideoFile video = VideoFile.open(file)) {
            assertEquals(2, video.frames());
            assertEquals(writtenWidth, video.width());
            assertEquals(writtenHeight, video.height());
            if (width > 1) {
                Picture picture = video.read(1);
                int y = writtenHeight / 2;
                assertEquals(200, picture.pixel(writtenWidth / 8, y) & 255, 8);
                assertEquals(60, picture.pixel(writtenWidth - 1 - writtenWidth / 8, y) & 255, 8);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"0.01", "0.5", "23.976023976", "29.97002997", "60", "240", "1000", "2000", "90000"})
    void anyRateCanBeWritten(double rate) {
        Path file = folder.resolve("a.mp4");
        try (VideoWriter writer = VideoWriter.create(file, 64, 48, rate)) {
            for (int i = 0; i < 12; i++) {
                writer.add(Drawn.frame(i, 64, 48));
            }
        }
        try (VideoFile video = VideoFile.open(file)) {
            assertEquals(12, video.frames());
            for (int i = 0; i <= 12; i++) {
                assertEquals(i / rate, video.time(i), 1 / 90_000.0);
            }
            assertEquals(11, Drawn.number(video.read(11)));
        }
    }

    @Test
    void picturesAreShownAsLongAsAsked() {
        double[] durations = {0.04, 0.5, 0.001, 2, 0.033, 1e-7, 0.25};
        Path file = folder.resolve("a.mp4");
        try (VideoWriter writer = VideoWriter.create(file, 64, 48, 3)) {
            for (int i = 0; i < durations.length; i++) {
                writer.add(Drawn.frame(i, 64, 48), durations[i]);
            }
        }
        try (VideoFile video = VideoFile.open(file)) {
            double time = 0;
            for (int i = 0; i < durations.length; i++) {
                assertEquals(time, video.time(i), 2 / 90_000.0);
                assertEquals(i, Drawn.number(video.read(i)));
                time += durations[i];
            }
            assertEquals(time, video.time(durations.length), 2 / 90_000.0);
            assertEquals(time, video.duration(), 2 / 90_000.0);
        }
    }

    @Test
    void aVideoMayDeclareLessThanItsPicturesLast() {
        Path file = folder.resolve("a.mp4");
        try (VideoWriter writer = VideoWriter.create(file, 64, 48, 10)) {
            writer.declareDuration(0.85);
            for (int i = 0; i < 10; i++) {
                writer.add(Drawn.frame(i, 64, 48));
            }
        }
        try (VideoFile video = VideoFile.open(file)) {
            assertEquals(10, video.frames());
            assertEquals(0.85, video.duration(), 1e-3);
            for (int i = 0; i < 10; i++) {
                assertEquals(i / 10.0, video.time(i), 1e-4);
            }
        }
    }

    @Test
    void whatCannotBeMeantIsRefused() {
        Path file = folder.resolve("a.mp4");
        for (double rate : new double[] {0, -1, Double.NaN, 1e6, 1e-6}) {
            assertThrows(IllegalArgumentException.class, () -> VideoWriter.create(file, 64, 48, rate));
        }
        try (VideoWriter writer = VideoWriter.create(file, 64, 48, 10)) {
            for (double duration : new double[] {0, -1, Double.NaN, 1e4}) {
                IllegalArgumentException e = assertThrows(
                        IllegalArgumentException.class, () -> writer.add(Drawn.frame(0, 64, 48), duration));
                assertTrue(e.getMessage().contains("seconds, got " + duration), e.getMessage());
            }
        }
    }
}
