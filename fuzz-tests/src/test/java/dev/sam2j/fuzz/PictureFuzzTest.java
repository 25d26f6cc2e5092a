package dev.sam2j.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.image.PictureException;
import dev.sam2j.predictors.image.ReadOptions;
import java.nio.file.Path;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Pictures of all formats. */
class PictureFuzzTest {
    private static final ReadOptions SMALL = ReadOptions.DEFAULT.withMaxPixels(1 << 18);

    static Stream<Arguments> seeds() {
        return PictureSeeds.small().arrays();
    }

    @MethodSource("seeds")
    @FuzzTest
    void picture(byte[] file) {
        Budget.check(file, path -> read(path, SMALL), PictureException.class);
    }

    static Stream<Arguments> large() {
        return PictureSeeds.large().suppliers();
    }

    @Tag("large")
    @ParameterizedTest
    @MethodSource
    void large(Supplier<byte[]> file) {
        Budget.check(file.get(), path -> read(path, ReadOptions.DEFAULT), PictureException.class);
    }

    private static long read(Path file, ReadOptions options) {
        Picture picture = Picture.read(file, options);
        return 4L * picture.width() * picture.height();
    }
}
