package dev.sam2j.fuzz;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

/** Inputs with names. Large ones are made when their turn comes. */
final class Seeds {
    private final Map<String, Supplier<byte[]>> inputs = new LinkedHashMap<>();

    Seeds add(String name, byte[] input) {
        return add(name, () -> input);
    }

    Seeds add(String name, Supplier<byte[]> input) {
        if (inputs.put(name, input) != null) {
            throw new IllegalArgumentException("two seeds are named " + name);
        }
        return this;
    }

    Seeds add(String name, String text) {
        return add(name, text.getBytes(StandardCharsets.UTF_8));
    }

    /** The inputs as arguments of a fuzz test. */
    Stream<Arguments> arrays() {
        return inputs.entrySet().stream()
                .map(seed -> Arguments.argumentSet(
                        seed.getKey(), (Object) seed.getValue().get()));
    }

    /** The inputs, to be made, as arguments of a test. */
    Stream<Arguments> suppliers() {
        return inputs.entrySet().stream().map(seed -> Arguments.argumentSet(seed.getKey(), seed.getValue()));
    }

    static byte[] resource(String name) {
        try (InputStream in = Seeds.class.getResourceAsStream(name)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    /** A copy in which one byte in the middle is another. */
    static byte[] flipped(byte[] file, int at) {
        byte[] copy = file.clone();
        copy[at] ^= 0x55;
        return copy;
    }

    /** A text many times over, between two others. */
    static byte[] repeated(String before, String text, int times, String after) {
        byte[] unit = text.getBytes(StandardCharsets.UTF_8);
        byte[] head = before.getBytes(StandardCharsets.UTF_8);
        byte[] tail = after.getBytes(StandardCharsets.UTF_8);
        ByteBuffer out = ByteBuffer.allocate(head.length + unit.length * times + tail.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(head);
        for (int i = 0; i < times; i++) {
            out.put(unit);
        }
        return out.put(tail).array();
    }

    /** Different texts of one {@link String#hashCode}: the number's bits as {@code Aa} and {@code BB}. */
    static String colliding(int number, int bits) {
        StringBuilder text = new StringBuilder();
        for (int bit = 0; bit < bits; bit++) {
            text.append((number >> bit & 1) == 0 ? "Aa" : "BB");
        }
        return text.toString();
    }
}
