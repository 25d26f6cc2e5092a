package dev.sam2j.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.sam2j.weights.CheckpointException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Safetensors files; an input is the file behind the length of its header, which no mutation would get right. */
class SafetensorsFuzzTest {
    private static final String TENSOR = "\"t\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}";

    static Stream<Arguments> seeds() {
        return new Seeds()
                .add("one tensor", "{" + TENSOR + "}    ")
                .add("metadata", "{\"__metadata__\":{\"a\":\"b\"}," + TENSOR + "}")
                .add(
                        "all types",
                        "{\"a\":{\"dtype\":\"BF16\",\"shape\":[1,1],\"data_offsets\":[0,2]},"
                                + "\"b\":{\"dtype\":\"F16\",\"shape\":[],\"data_offsets\":[2,4]},"
                                + "\"c\":{\"dtype\":\"I64\",\"shape\":[0,7],\"data_offsets\":[4,4]}}")
                .add("negative offsets", "{\"t\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[-4,0]}}")
                .add(
                        "overflowing shape",
                        "{\"t\":{\"dtype\":\"F32\",\"shape\":[65536,65536,65536,65536]," + "\"data_offsets\":[0,0]}}")
                .add("tensor twice", "{" + TENSOR + "," + TENSOR + "}")
                .add(
                        "escapes in a name",
                        "{\"\\u001b[31m\\u202e\":{\"dtype\":\"F32\",\"shape\":[1]," + "\"data_offsets\":[0,4]}}")
                .add(
                        "escapes in a type",
                        "{\"t\":{\"dtype\":\"\\u001b[2J\\u202e\",\"shape\":[1]," + "\"data_offsets\":[0,4]}}")
                .add("escapes in a key", "{\"t\":{\"\\u001b[2J\\u202e\":3}}")
                .add("no header", "")
                .arrays();
    }

    @MethodSource("seeds")
    @FuzzTest
    void header(byte[] header) {
        Budget.check(file(header), Checkpointing::read, CheckpointException.class);
    }

    static Stream<Arguments> large() {
        return new Seeds()
                .add("names of one hash", () -> manyTensors(1 << 16, i -> Seeds.colliding(i, 16)))
                .add("200,000 tensors", () -> manyTensors(200_000, Integer::toString))
                .add("nesting", () -> file(Seeds.repeated("{\"a\":", "[", 1_000_000, "")))
                .add("a number of a million digits", () -> file(Seeds.repeated("{\"a\":", "9", 1_000_000, "}")))
                .add("empty lists", () -> file(Seeds.repeated("{\"a\":[", "[],", 20_000_000, "[]]}")))
                .add("a header of 2 GB", () -> Seeds.bytes(0, 0, 0, 0x7f, 0, 0, 0, 0, '{', '}'))
                .add("a header of -1 bytes", () -> Seeds.bytes(-1, -1, -1, -1, -1, -1, -1, -1, '{', '}'))
                .suppliers();
    }

    @Tag("large")
    @ParameterizedTest
    @MethodSource
    void large(Supplier<byte[]> file) {
        Budget.check(file.get(), Checkpointing::read, CheckpointException.class);
    }

    @Test
    void headersAreUtf8() {
        byte[] header = ("{" + TENSOR.replace('t', '\u00e4') + "}").getBytes(StandardCharsets.ISO_8859_1);
        Budget.refused(file(header), Checkpointing::read, CheckpointException.class);
    }

    private static byte[] manyTensors(int count, java.util.function.IntFunction<String> name) {
        StringBuilder header = new StringBuilder("{");
        for (int i = 0; i < count; i++) {
            header.append(i == 0 ? "\"" : ",\"")
                    .append(name.apply(i))
                    .append("\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}");
        }
        return file(header.append('}').toString().getBytes(StandardCharsets.UTF_8));
    }

    /** A file of a header and the four bytes of a number. */
    static byte[] file(byte[] header) {
        return ByteBuffer.allocate(12 + header.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(header.length)
                .put(header)
                .putFloat(1)
                .array();
    }
}
