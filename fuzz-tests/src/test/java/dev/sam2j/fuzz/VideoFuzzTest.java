package dev.sam2j.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.video.VideoException;
import dev.sam2j.video.VideoFile;
import dev.sam2j.video.VideoWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Video files. FFmpeg decodes them in native code, whose branches Jazzer does not see: it changes files blindly. */
class VideoFuzzTest {
    private static final byte[] MP4 = clip("mp4");

    static Stream<Arguments> seeds() {
        Seeds seeds = new Seeds()
                .add("mp4", MP4)
                .add("cut mp4", Arrays.copyOf(MP4, MP4.length * 2 / 3))
                .add("text", "#EXTM3U\nhttp://127.0.0.1:9/\n")
                .add("a list of files", "ffconcat version 1.0\nfile /etc/passwd\n")
                .add("nothing", new byte[0]);
        for (String name : new String[] {"png", "gif", "jpg"}) {
            seeds.add(name, PictureSeeds.encoded(name));
        }
        return seeds.arrays();
    }

    @MethodSource("seeds")
    @FuzzTest
    void video(byte[] file) {
        check(file);
    }

    static Stream<Arguments> damaged() {
        Seeds seeds = new Seeds();
        Random random = new Random(11);
        for (int i = 0; i < 30; i++) {
            byte[] copy = MP4.clone();
            for (int flips = 1 + random.nextInt(8); flips > 0; flips--) {
                copy[random.nextInt(copy.length)] ^= (byte) (1 + random.nextInt(255));
            }
            seeds.add("damage " + i, copy);
        }
        return seeds.suppliers();
    }

    @Tag("large")
    @ParameterizedTest
    @MethodSource
    void damaged(Supplier<byte[]> file) {
        check(file.get());
    }

    private static void check(byte[] file) {
        Budget.check(file, VideoFuzzTest::read, VideoException.class);
    }

    private static long read(Path file) {
        try (VideoFile video = VideoFile.open(file)) {
            int last = Math.min(video.frames(), 4) - 1;
            Picture picture = video.read(last);
            video.read(0);
            return 8L * picture.width() * picture.height();
        }
    }

    private static byte[] clip(String suffix) {
        try {
            Path file = Files.createTempFile("fuzz-", "." + suffix);
            try (VideoWriter writer = VideoWriter.create(file, 32, 24, 10)) {
                for (int i = 0; i < 6; i++) {
                    byte[] rgb = new byte[3 * 32 * 24];
                    Arrays.fill(rgb, (byte) (40 * i));
                    writer.add(Picture.of(rgb, 32, 24));
                }
            }
            byte[] bytes = Files.readAllBytes(file);
            Files.delete(file);
            return bytes;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
