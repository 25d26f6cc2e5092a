package dev.sam2j.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.sam2j.cli.CliParsers;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Files of {@code track --prompts}. */
class StepsFuzzTest {
    static Stream<Arguments> seeds() {
        return JsonSeeds.small()
                .add(
                        "all steps",
                        "[{\"op\":\"prompt\",\"frame\":0,\"object\":1,\"points\":[[3,4],[5,6.5]],\"labels\":[1,0]},"
                                + "{\"op\":\"prompt\",\"frame\":2,\"object\":2,\"box\":[1,2,30,40],"
                                + "\"clearOldPoints\":true},{\"op\":\"mask\",\"frame\":0,\"object\":3,"
                                + "\"file\":\"m.png\"},{\"op\":\"propagate\",\"start\":0,\"max\":5,"
                                + "\"reverse\":false},{\"op\":\"clear\",\"frame\":0,\"object\":1},"
                                + "{\"op\":\"remove\",\"object\":1},{\"op\":\"reset\"}]")
                .add("escapes in op", "[{\"op\":\"\\u001b[2J\\u202e\"}]")
                .add("escapes in a key", "[{\"op\":\"reset\",\"\\u001b[2J\\u202e\":1}]")
                .add(
                        "escapes in a label",
                        "[{\"op\":\"prompt\",\"frame\":0,\"object\":1,\"points\":[[1,2]],"
                                + "\"labels\":[\"\\u001b[2J\\u202e\"]}]")
                .add("escapes in a frame", "[{\"op\":\"prompt\",\"frame\":\"\\u001b[2J\\u202e\",\"object\":1}]")
                .add("a name of no file", "[{\"op\":\"mask\",\"frame\":0,\"object\":3,\"file\":\"a\\u0000b\"}]")
                .add("a huge number", "[{\"op\":\"prompt\",\"frame\":0,\"object\":1,\"box\":[1e999,1,2,1e-999]}]")
                .arrays();
    }

    @MethodSource("seeds")
    @FuzzTest
    void steps(byte[] file) {
        Budget.check(file, CliParsers::steps, CliParsers.Refusal.class);
    }

    static Stream<Arguments> large() {
        return JsonSeeds.large()
                .add(
                        "a step of 300,000 points",
                        () -> Seeds.repeated(
                                "[{\"op\":\"prompt\",\"frame\":0,\"object\":1,\"points\":[",
                                "[1,2],",
                                300_000,
                                "[1,2]]}]"))
                .add(
                        "1,000,000 steps",
                        () -> Seeds.repeated("[", "{\"op\":\"reset\"},", 1_000_000, "{\"op\":\"reset\"}]"))
                .suppliers();
    }

    @Tag("large")
    @ParameterizedTest
    @MethodSource
    void large(Supplier<byte[]> file) {
        Budget.check(file.get(), CliParsers::steps, CliParsers.Refusal.class);
    }
}
