package dev.sam2j.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.sam2j.predictors.mask.CocoRle;
import dev.sam2j.predictors.mask.Mask;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Compressed COCO run lengths; the first four bytes of an input are the sides. */
class RleFuzzTest {
    static Stream<Arguments> seeds() {
        return new Seeds()
                .add(
                        "a box",
                        input(9, 7, CocoRle.ofCounts(9, 7, 9, 3, 4, 3, 4, 3, 37).toCompressed()))
                .add("empty", input(4, 4, "@0"))
                .add("runs that do not fill", input(4, 4, "1"))
                .add("an endless number", input(4, 4, "oooooooooooooo"))
                .add("a negative run", input(4, 4, "1O1O1O"))
                .add("no pixels", input(0, 9, ""))
                .add("other letters", input(3, 3, "\u0000\u00ff\ud83d\ude00"))
                .arrays();
    }

    @MethodSource("seeds")
    @FuzzTest
    void compressed(byte[] input) {
        Budget.check(input, RleFuzzTest::decode, IllegalArgumentException.class);
    }

    static Stream<Arguments> large() {
        return new Seeds()
                .add("65535x65535", () -> input(65535, 65535, "PPPPPP0"))
                .add("65535x30000", () -> input(65535, 30000, "PPPPPP0"))
                .add("runs of one pixel", () -> input(2000, 2000, "1".repeat(3) + "0".repeat(4_000_000 - 3)))
                .add("runs of no pixels", () -> input(2000, 2000, "0".repeat(10_000_000)))
                .suppliers();
    }

    @Tag("large")
    @ParameterizedTest
    @MethodSource
    void large(Supplier<byte[]> input) {
        Budget.check(input.get(), RleFuzzTest::decode, IllegalArgumentException.class);
    }

    private static byte[] input(int width, int height, String text) {
        byte[] characters = text.getBytes(StandardCharsets.ISO_8859_1);
        return ByteBuffer.allocate(4 + characters.length)
                .putShort((short) width)
                .putShort((short) height)
                .put(characters)
                .array();
    }

    private static long decode(Path file) throws IOException {
        byte[] input = Files.readAllBytes(file);
        if (input.length < 4) {
            return 0;
        }
        int width = ByteBuffer.wrap(input).getShort(0) & 0xffff;
        int height = ByteBuffer.wrap(input).getShort(2) & 0xffff;
        CocoRle rle = CocoRle.ofCompressed(
                width, height, new String(input, 4, input.length - 4, StandardCharsets.ISO_8859_1));
        Mask mask = rle.toMask();
        if (mask.area() != rle.area() || !CocoRle.of(mask).toMask().equals(mask)) {
            throw new AssertionError("the mask has " + mask.area() + " pixels, the run lengths " + rle.area());
        }
        return (long) width * height / 8;
    }
}
