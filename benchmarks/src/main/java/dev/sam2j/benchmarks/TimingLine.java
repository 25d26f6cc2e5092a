package dev.sam2j.benchmarks;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Arrays;
import java.util.Objects;

/**
 * One measured figure in the format that {@code benchmarks/peers} reads and writes: a JSON object on a single line.
 *
 * @param what the figure: {@code encoder}, {@code click}, {@code memory}, {@code video}, ...
 * @param model size of the model: {@code t}, {@code s}, {@code b+} or {@code l}
 * @param runtime the implementation, {@code sam2j} for this one
 * @param version version of the implementation, empty if unknown
 * @param device {@code cpu} or {@code cuda}
 * @param precision {@code fp32}, {@code fp16} or {@code bf16}
 * @param threads threads of the computation, at least 1
 * @param size side of the model's input in pixels, 0 if unknown
 * @param runs timed runs, at least 1
 * @param medianMs median in milliseconds; of an even number of runs the mean of the middle two
 * @param minMs the fastest run in milliseconds
 * @param maxMs the slowest run in milliseconds
 */
public record TimingLine(
        String what,
        String model,
        String runtime,
        String version,
        String device,
        String precision,
        int threads,
        int size,
        int runs,
        double medianMs,
        double minMs,
        double maxMs) {

    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * Checks the fields.
     *
     * @throws IllegalArgumentException if a count is too small or the times are not {@code 0 <= min <= median <= max}
     */
    public TimingLine {
        Objects.requireNonNull(what, "what");
        Objects.requireNonNull(model, "model");
        Objects.requireNonNull(runtime, "runtime");
        Objects.requireNonNull(version, "version");
        Objects.requireNonNull(device, "device");
        Objects.requireNonNull(precision, "precision");
        if (threads < 1 || size < 0 || runs < 1) {
            throw new IllegalArgumentException("TimingLine: threads, size, runs: expected at least 1, 0, 1, got "
                    + threads + ", " + size + ", " + runs);
        }
        if (!(0 <= minMs && minMs <= medianMs && medianMs <= maxMs && maxMs < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("TimingLine: times: expected 0 <= min <= median <= max, got " + minMs
                    + ", " + medianMs + ", " + maxMs);
        }
    }

    /**
     * The line of runs of this implementation, times rounded to microseconds.
     *
     * @param nanos duration of every timed run in nanoseconds; not changed
     * @throws IllegalArgumentException if there is no run or one is negative
     */
    public static TimingLine of(
            String what,
            String model,
            String version,
            String device,
            String precision,
            int threads,
            int size,
            long[] nanos) {
        if (nanos.length == 0) {
            throw new IllegalArgumentException("TimingLine: nanos: expected at least one run, got none");
        }
        long[] sorted = nanos.clone();
        Arrays.sort(sorted);
        int n = sorted.length;
        double median = (sorted[(n - 1) / 2] + sorted[n / 2]) / 2.0;
        return new TimingLine(
                what,
                model,
                "sam2j",
                version,
                device,
                precision,
                threads,
                size,
                n,
                milliseconds(median),
                milliseconds(sorted[0]),
                milliseconds(sorted[n - 1]));
    }

    /** The JSON object of a figure of this implementation that could not be measured. */
    static String failure(
            String what,
            String model,
            String version,
            String device,
            String precision,
            int threads,
            int size,
            String reason) {
        return JSON.createObjectNode()
                .put("what", what)
                .put("model", model)
                .put("runtime", "sam2j")
                .put("version", version)
                .put("device", device)
                .put("precision", precision)
                .put("threads", threads)
                .put("size", size)
                .put("error", reason)
                .toString();
    }

    private static double milliseconds(double nanos) {
        return Math.rint(nanos / 1e3) / 1e3;
    }

    /** The JSON object, keys in the order of the components, without a line end. */
    public String toJson() {
        try {
            return JSON.writeValueAsString(this);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("TimingLine: a record of texts and finite numbers is always writable", e);
        }
    }
}
