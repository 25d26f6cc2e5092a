package dev.sam2j.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.sam2j.cli.CliParsers;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Files of {@code auto --point-grids}. */
class GridsFuzzTest {
    static Stream<Arguments> seeds() {
        return JsonSeeds.small()
                .add("a grid", "[[[0.25,0.25],[0.75,0.75]]]")
                .add("points outside", "[[[-1,2],[1e308,1e-308]]]")
                .add("objects", "[{\"x\":1,\"y\":2}]")
                .add("objects as points", "[[{\"x\":1,\"y\":2}]]")
                .add("an empty grid", "[[]]")
                .add("escapes in a point", "[[[\"\\u001b[2J\\u202e\",1]]]")
                .arrays();
    }

    @MethodSource("seeds")
    @FuzzTest
    void grids(byte[] file) {
        Budget.check(file, CliParsers::grids, CliParsers.Refusal.class);
    }

    static Stream<Arguments> large() {
        return JsonSeeds.large()
                .add("1,000,000 points", () -> Seeds.repeated("[[", "[0.5,0.5],", 1_000_000, "[0.5,0.5]]]"))
                .add("a point that is a million lists", () -> Seeds.repeated("[[[", "[],", 1_000_000, "1]]]"))
                .suppliers();
    }

    @Tag("large")
    @ParameterizedTest
    @MethodSource
    void large(Supplier<byte[]> file) {
        Budget.check(file.get(), CliParsers::grids, CliParsers.Refusal.class);
    }
}
