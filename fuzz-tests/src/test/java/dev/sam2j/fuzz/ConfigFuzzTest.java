package dev.sam2j.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.sam2j.configs.ConfigException;
import dev.sam2j.configs.Configs;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Models' YAML files. */
class ConfigFuzzTest {
    private static final int MOST_BYTES = 256 << 10;

    static Stream<Arguments> seeds() {
        return new Seeds()
                .add("tiny", resource("sam2.1_hiera_t.yaml"))
                .add("base plus", resource("sam2_hiera_b+.yaml"))
                .add("demo", resource("sam2.1_hiera_demo.yaml"))
                .add("a class to make", "model: !!javax.script.ScriptEngineManager [!!java.net.URL [\"file:///\"]]")
                .add("aliases of aliases", "a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\nmodel: {d: [*c,*c]}")
                .add("an alias of itself", "model: &a {b: *a}")
                .add("merged maps", "model: &a {x: 1}\nb: {<<: *a, <<: [*a, *a]}")
                .add("escapes in a key", "model: {\"\\e[2J\\u202e\": 1}")
                .add("escapes in a value", "model: {_target_: \"\\e[2J\\u202e\"}")
                .add("two documents", "model: 1\n---\nmodel: 2")
                .add("not UTF-8", Seeds.bytes('m', ':', ' ', 0xff))
                .add("numbers", "model: [0x7fffffffffffffffff, 1:2:3, .inf, -.nan, 1e999999999, 0o9]")
                .arrays();
    }

    @MethodSource("seeds")
    @FuzzTest
    void yaml(byte[] file) {
        Budget.check(file, ConfigFuzzTest::read, ConfigException.class);
    }

    static Stream<Arguments> large() {
        return new Seeds()
                .add("nesting", () -> Seeds.repeated("model: ", "[", MOST_BYTES - 10, ""))
                .add("nested keys", () -> Seeds.repeated("", "? ", 100_000, ""))
                .add("keys of one hash", () -> collidingKeys(5_000))
                .add("keys", () -> Seeds.repeated("model: {", "a,", 120_000, "}"))
                .add("anchors", () -> Seeds.repeated("model: [", "&a a,", 50_000, "]"))
                .add("one line", () -> Seeds.repeated("model: ", "a", MOST_BYTES - 10, ""))
                .add("blanks", () -> Seeds.repeated("model:", " ", MOST_BYTES - 10, "1"))
                .add("empty lines in a text", () -> Seeds.repeated("model: \"", "\n", MOST_BYTES - 10, "\""))
                .add("digits", () -> Seeds.repeated("model: {a: ", "9", MOST_BYTES - 20, "}"))
                .add("64 MB", () -> Seeds.repeated("", "[],", 21_000_000, ""))
                .suppliers();
    }

    @Tag("large")
    @ParameterizedTest
    @MethodSource
    void large(Supplier<byte[]> file) {
        Budget.check(file.get(), ConfigFuzzTest::read, ConfigException.class);
    }

    private static byte[] collidingKeys(int count) {
        StringBuilder yaml = new StringBuilder("model: {");
        for (int i = 0; i < count; i++) {
            yaml.append(Seeds.colliding(i, 13)).append(": 1,");
        }
        return yaml.append("}").toString().getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] resource(String name) {
        return Seeds.resource("/dev/sam2j/configs/" + name);
    }

    private static long read(Path file) {
        Configs.load(file);
        return 0;
    }
}
