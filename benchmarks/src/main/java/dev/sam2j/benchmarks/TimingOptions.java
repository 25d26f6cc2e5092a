package dev.sam2j.benchmarks;

import dev.sam2j.Precision;
import dev.sam2j.configs.Configs;
import dev.sam2j.configs.Sam2Config;
import dev.sam2j.tensor.Backend;
import dev.sam2j.tensor.provider.BackendOptions;
import dev.sam2j.tensor.provider.Backends;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * Command line of the timing programs: names with a value each. All know {@code --model t,s,b+,l} (or {@code demo}),
 * {@code --device cpu|cuda:N}, {@code --precision auto|fp32|fp16|bf16}, {@code --threads N} (0: one per processor) and
 * {@code --runs N}.
 */
final class TimingOptions {
    private static final Map<String, String> COMMON =
            Map.of("--model", "t", "--device", "cpu", "--precision", "auto", "--threads", "2", "--runs", "5");

    private final String program;
    private final Map<String, String> values = new TreeMap<>(COMMON);
    private boolean failed;

    /**
     * Reads a command line.
     *
     * @param program its name for errors
     * @param defaults further options and their defaults
     * @throws IllegalArgumentException if an option is not known or has no value
     */
    TimingOptions(String program, Map<String, String> defaults, String... arguments) {
        this.program = program;
        values.putAll(defaults);
        for (int i = 0; i < arguments.length; i += 2) {
            if (!values.containsKey(arguments[i]) || i + 1 == arguments.length) {
                throw new IllegalArgumentException(program + ": expected options out of " + values.keySet()
                        + " with a value each, got " + arguments[i]);
            }
            values.put(arguments[i], arguments[i + 1]);
        }
    }

    /** The value of an option. */
    String text(String name) {
        return values.get(name);
    }

    /** The values of an option that lists some. */
    List<String> list(String name) {
        return List.of(values.get(name).split(","));
    }

    /** The value of an option that is a number of at least {@code least}. */
    int number(String name, int least) {
        return number(name, values.get(name), least);
    }

    /** The values of an option that lists numbers of at least {@code least}. */
    List<Integer> numbers(String name, int least) {
        List<Integer> numbers = new ArrayList<>();
        for (String entry : list(name)) {
            numbers.add(number(name, entry, least));
        }
        return numbers;
    }

    private int number(String name, String value, int least) {
        if (!value.matches("[0-9]{1,6}") || Integer.parseInt(value) < least) {
            throw new IllegalArgumentException(
                    program + ": " + name + ": expected a number of at least " + least + ", got " + value);
        }
        return Integer.parseInt(value);
    }

    /** The configuration of a model of {@code --model}. */
    static Sam2Config config(String model) {
        return Configs.named("sam2.1_hiera_" + model);
    }

    /** Opens the device. */
    Backend open() {
        Precision precision;
        try {
            precision = Precision.valueOf(text("--precision").toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    program + ": --precision: expected auto, fp32, fp16 or bf16, got " + text("--precision"), e);
        }
        return Backends.open(text("--device"), new BackendOptions(number("--threads", 0), precision));
    }

    /** Prints the line of a figure, or of the reason why it could not be measured. */
    void print(String what, String model, Backend backend, Supplier<long[]> measurement) {
        int threads = number("--threads", 0);
        int used = threads == 0 ? Runtime.getRuntime().availableProcessors() : threads;
        String device = text("--device").replaceAll(":.*", "");
        String precision = backend.info().precision().name().toLowerCase(Locale.ROOT);
        int size = config(model).imageSize();
        try {
            long[] nanos = measurement.get();
            System.out.println(TimingLine.of(what, model, "", device, precision, used, size, nanos)
                    .toJson());
        } catch (RuntimeException e) {
            failed = true;
            e.printStackTrace();
            System.out.println(TimingLine.failure(what, model, "", device, precision, used, size, e.toString()));
        }
    }

    /** Nanoseconds of each of {@code runs} runs after {@code warmUp} untimed ones. */
    static long[] time(Runnable run, int warmUp, int runs) {
        long[] nanos = new long[runs];
        for (int i = -warmUp; i < runs; i++) {
            long start = System.nanoTime();
            run.run();
            if (i >= 0) {
                nanos[i] = System.nanoTime() - start;
            }
        }
        return nanos;
    }

    /** Ends the program with status 1 if a figure could not be measured. */
    void exit() {
        if (failed) {
            System.exit(1);
        }
    }
}
