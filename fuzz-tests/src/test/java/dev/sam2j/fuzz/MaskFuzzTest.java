package dev.sam2j.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.sam2j.predictors.image.PictureException;
import dev.sam2j.predictors.image.ReadOptions;
import dev.sam2j.predictors.mask.LabelMap;
import dev.sam2j.predictors.mask.Mask;
import dev.sam2j.predictors.mask.MaskPng;
import java.nio.file.Path;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Pictures read as masks and as label maps. */
class MaskFuzzTest {
    private static final ReadOptions SMALL = ReadOptions.DEFAULT.withMaxPixels(1 << 18);

    static Stream<Arguments> seeds() {
        return PictureSeeds.small().arrays();
    }

    @MethodSource("seeds")
    @FuzzTest
    void mask(byte[] file) {
        check(file, SMALL);
    }

    static Stream<Arguments> large() {
        return PictureSeeds.large().suppliers();
    }

    @Tag("large")
    @ParameterizedTest
    @MethodSource
    void large(Supplier<byte[]> file) {
        check(file.get(), ReadOptions.DEFAULT);
    }

    private static void check(byte[] file, ReadOptions options) {
        Budget.check(file, path -> readMask(path, options), PictureException.class);
        Budget.check(file, path -> readLabels(path, options), PictureException.class);
    }

    private static long readMask(Path file, ReadOptions options) {
        Mask mask = MaskPng.read(file, options);
        return 4L * mask.width() * mask.height();
    }

    private static long readLabels(Path file, ReadOptions options) {
        LabelMap labels = MaskPng.readLabels(file, options);
        return 4L * labels.width() * labels.height();
    }
}
