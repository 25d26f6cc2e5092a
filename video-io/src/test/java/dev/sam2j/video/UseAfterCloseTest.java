package dev.sam2j.video;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.predictors.video.VideoException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each of these would end the process if native memory were used after its end: there is no exception for that. */
class UseAfterCloseTest {
    @TempDir
    Path folder;

    private Path clip() {
        return Drawn.write(folder.resolve("a.mp4"), 12, 64, 64, 10);
    }

    private static void assertState(String words, Runnable use) {
        IllegalStateException e = assertThrows(IllegalStateException.class, use::run);
        assertTrue(e.getMessage().contains(words), e.getMessage());
    }

    @Test
    void videosCloseOnceAndThenSaySo() {
        for (int reads = 0; reads < 3; reads++) {
            VideoFile video = VideoFile.open(clip());
            for (int i = 0; i < reads; i++) {
                assertEquals(11 - i, Drawn.number(video.read(11 - i)));
            }
            video.close();
            video.close();
            assertState("the video file " + folder.resolve("a.mp4") + " has been closed", () -> video.read(0));
            video.close();
            assertEquals(12, video.frames());
            assertEquals(64, video.width());
            assertEquals(1.2, video.time(12), 1e-9);
        }
    }

    @Test
    void videosCloseAfterAFrameThatCouldNotBeRead() throws IOException {
        Path file = clip();
        VideoFile video = VideoFile.open(file);
        video.read(5);
        Files.delete(file);
        Files.writeString(file, "something else");
        for (int i = 0; i < 3; i++) {
            // A decoder that has all of a short file may still give the frame; none may be given out wrongly.
            try {
                assertEquals(1, Drawn.number(video.read(1)));
            } catch (VideoException e) {
                assertTrue(e.getMessage().contains("a.mp4"), e.getMessage());
            }
        }
        video.close();
        video.close();
        assertState("has been closed", () -> video.read(1));
    }

    @Test
    void writersCloseOnceAndThenSaySo() {
        Path file = folder.resolve("b.mp4");
        VideoWriter writer = VideoWriter.create(file, 64, 64, 10);
        writer.add(Drawn.frame(0, 64, 64));
        writer.close();
        writer.close();
        assertState("the video writer of " + file + " has been closed", () -> writer.add(Drawn.frame(1, 64, 64)));
        writer.close();
        assertEquals(64, writer.width());
        try (VideoFile video = VideoFile.open(file)) {
            assertEquals(1, video.frames());
        }
        VideoWriter empty = VideoWriter.create(folder.resolve("c.mp4"), 64, 64, 10);
        empty.close();
        empty.close();
        assertFalse(Files.exists(folder.resolve("c.mp4")));
    }

    @Test
    void writersCloseAfterAFailure() throws IOException {
        VideoWriter writer = VideoWriter.create(folder.resolve("b.mp4"), 64, 64, 10);
        writer.add(Drawn.frame(0, 64, 64));
        Path target = Files.createDirectories(folder.resolve("b.mp4/inside"));
        VideoException e = assertThrows(VideoException.class, writer::close);
        assertTrue(e.getMessage().contains("b.mp4 cannot be written"), e.getMessage());
        writer.close();
        assertState("has been closed", () -> writer.add(Drawn.frame(1, 64, 64)));
        assertEquals(List.of(target.getParent()), list(folder));
    }

    private static List<Path> list(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            return files.toList();
        }
    }

    @Test
    void threadsThatReadAtOnceGetTheirFrameOrARefusal() {
        AtomicInteger read = new AtomicInteger();
        try (VideoFile video = VideoFile.open(clip())) {
            byte[][] right = new byte[12][];
            for (int i = 0; i < 12; i++) {
                right[i] = video.read(i).rgb();
            }
            List<CompletableFuture<Void>> threads = new ArrayList<>();
            for (int t = 0; t < 4; t++) {
                int first = 3 * t;
                threads.add(CompletableFuture.runAsync(() -> {
                    for (int i = 0; i < 40; i++) {
                        int frame = (first + 5 * i) % 12;
                        try {
                            assertArrayEquals(right[frame], video.read(frame).rgb());
                            read.incrementAndGet();
                        } catch (IllegalStateException e) {
                            assertTrue(e.getMessage().contains("only one thread at a time"), e.getMessage());
                        }
                    }
                }));
            }
            threads.forEach(CompletableFuture::join);
        }
        assertTrue(read.get() > 0);
    }
}
