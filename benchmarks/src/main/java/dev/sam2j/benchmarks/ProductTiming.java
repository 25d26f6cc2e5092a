package dev.sam2j.benchmarks;

import dev.sam2j.cuda.products.GemmPlanner;
import dev.sam2j.tensor.Activation;
import dev.sam2j.tensor.Backend;
import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Epilogue;
import dev.sam2j.tensor.PackedMatrix;
import dev.sam2j.tensor.Section;
import dev.sam2j.tensor.Shape;
import dev.sam2j.tensor.Storage;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.Workspace;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Times the products of the models with their epilogues on a GPU, with the library and with own kernels: a line for
 * each shape and variant with microseconds, TFLOP/s and the largest difference from the first variant. Products run
 * back to back in a recording, in turn on a few operands, so that neither launches nor one hot operand count.
 *
 * <p>Options: those of {@link TimingOptions}; {@code --variants library,auto,...} as the system property
 * {@code dev.sam2j.cuda.products} knows them; {@code --what qkv,proj,mlp1,mlp2,memory,decoder}; {@code --runs N}
 * products per figure, by default 200.
 */
public final class ProductTiming {
    private static final String PROPERTY = "dev.sam2j.cuda.products";
    private static final int RECORDED = 20;
    private static final int SETS = 3;
    /** Operands of more elements do not stay in a cache between two products. */
    private static final int LARGE = 1 << 23;

    private ProductTiming() {}

    /** A product: what it is for, its sizes and its epilogue. */
    private record Case(String what, int rows, int in, int out, boolean bias, Activation activation, boolean residual) {
        @Override
        public String toString() {
            String epilogue = (bias ? " bias" : "")
                    + (activation == Activation.NONE
                            ? ""
                            : " " + activation.name().toLowerCase(Locale.ROOT))
                    + (residual ? " residual" : "");
            return String.format(Locale.ROOT, "%-8s %6d x %4d -> %4d%-14s", what, rows, in, out, epilogue);
        }
    }

    /** Prints the table. */
    public static void main(String[] arguments) {
        TimingOptions options = new TimingOptions(
                "ProductTiming",
                Map.of(
                        "--device", "cuda:0",
                        "--model", "t,l",
                        "--runs", "200",
                        "--variants", "library,auto," + String.join(",", GemmPlanner.tileNames()),
                        "--what", "qkv,proj,mlp1,mlp2,memory,decoder"),
                arguments);
        Map<String, Backend> backends = new LinkedHashMap<>();
        try {
            for (String variant : options.list("--variants")) {
                System.setProperty(PROPERTY, variant);
                backends.put(variant, options.open());
            }
            for (Case each : cases(options)) {
                time(each, backends, options.number("--runs", 1));
            }
        } finally {
            backends.values().forEach(Backend::close);
        }
        options.exit();
    }

    private static List<Case> cases(TimingOptions options) {
        List<Case> all = new ArrayList<>();
        for (String model : options.list("--model")) {
            int width = switch (model) {
                case "t", "s" -> 96;
                case "b+" -> 112;
                default -> 144;
            };
            for (int stage = 0; stage < 4; stage++) {
                int rows = 65536 >> 2 * stage;
                int d = width << stage;
                all.add(new Case("qkv", rows, d, 3 * d, true, Activation.NONE, false));
                all.add(new Case("proj", rows, d, d, true, Activation.NONE, true));
                all.add(new Case("mlp1", rows, d, 4 * d, true, Activation.GELU, false));
                all.add(new Case("mlp2", rows, 4 * d, d, true, Activation.NONE, true));
            }
        }
        all.add(new Case("memory", 4096, 256, 256, true, Activation.NONE, false));
        all.add(new Case("memory", 4096, 256, 2048, true, Activation.RELU, false));
        all.add(new Case("memory", 4096, 2048, 256, true, Activation.NONE, true));
        all.add(new Case("memory", 28736, 64, 256, true, Activation.NONE, false));
        all.add(new Case("decoder", 8, 256, 128, true, Activation.NONE, false));
        all.add(new Case("decoder", 8, 256, 256, true, Activation.NONE, true));
        all.add(new Case("decoder", 8, 256, 2048, true, Activation.RELU, false));
        all.add(new Case("decoder", 8, 2048, 256, true, Activation.NONE, true));
        all.add(new Case("decoder", 1, 256, 32, true, Activation.NONE, false));
        all.add(new Case("decoder", 64, 256, 256, true, Activation.NONE, false));
        List<String> wanted = options.list("--what");
        return all.stream()
                .filter(each -> wanted.contains(each.what))
                .distinct()
                .toList();
    }

    private static void time(Case c, Map<String, Backend> backends, int runs) {
        float[] x = random(1, c.rows * c.in, 1);
        float[] w = random(2, c.out * c.in, (float) Math.sqrt(3.0 / c.in));
        float[] bias = random(3, c.out, 1);
        float[] y = random(4, c.rows * c.out, 1);
        float[] expected = null;
        for (Map.Entry<String, Backend> each : backends.entrySet()) {
            try (Operands operands = new Operands(c, each.getValue(), x, w, bias, y)) {
                float[] result = operands.result(c);
                expected = expected == null ? result : expected;
                double micros = operands.micros(c, runs);
                System.out.printf(
                        Locale.ROOT,
                        "%s  %-14s %8.2f us %7.1f TFLOP/s  diff %.2g%n",
                        c,
                        each.getKey(),
                        micros,
                        2e-6 * c.rows * c.in * c.out / micros,
                        difference(expected, result));
            } catch (RuntimeException e) {
                System.out.println(c + "  " + each.getKey() + ": " + e);
            }
        }
    }

    /** A case on a backend. */
    private static final class Operands implements AutoCloseable {
        private final Backend backend;
        private final Workspace workspace;
        private final List<Storage> storages = new ArrayList<>();
        private final List<Tensor> inputs = new ArrayList<>();
        private final List<Tensor> outputs = new ArrayList<>();
        private final Tensor bias;
        private final PackedMatrix matrix;

        Operands(Case c, Backend backend, float[] x, float[] w, float[] bias, float[] y) {
            this.backend = backend;
            workspace = new Workspace(backend);
            matrix = backend.pack(w, c.out, c.in);
            int sets = x.length + y.length > LARGE ? 1 : SETS;
            for (int i = 0; i < sets; i++) {
                inputs.add(tensor(backend.info().activationType(), x, c.rows, c.in));
                outputs.add(tensor(backend.info().activationType(), y, c.rows, c.out));
            }
            this.bias = tensor(DType.F32, bias, c.out);
        }

        private Tensor tensor(DType type, float[] values, int... dims) {
            Storage storage = backend.allocate(type, values.length);
            storages.add(storage);
            Tensor tensor = Tensor.of(storage, 0, Shape.of(dims));
            backend.upload(values, 0, tensor);
            return tensor;
        }

        private void product(Case c, int set) {
            Tensor y = outputs.get(set);
            Epilogue epilogue = new Epilogue(c.bias ? bias : null, c.activation, null, c.residual ? y : null);
            backend.gemm(inputs.get(set), matrix, epilogue, y);
        }

        float[] result(Case c) {
            product(c, 0);
            float[] result = new float[c.rows * c.out];
            backend.download(outputs.get(0), result, 0);
            return result;
        }

        double micros(Case c, int runs) {
            Section section = Section.of("products", this);
            int repeats = (runs + RECORDED - 1) / RECORDED;
            long start = 0;
            for (int i = -3; i < repeats; i++) {
                if (i == 0) {
                    backend.synchronize();
                    start = System.nanoTime();
                }
                backend.capture(section, workspace, List.of(), () -> {
                    for (int j = 0; j < RECORDED; j++) {
                        product(c, j % inputs.size());
                    }
                });
            }
            backend.synchronize();
            return (System.nanoTime() - start) / 1e3 / repeats / RECORDED;
        }

        @Override
        public void close() {
            workspace.close();
            matrix.close();
            storages.forEach(Storage::close);
        }
    }

    private static double difference(float[] a, float[] b) {
        double most = 0;
        for (int i = 0; i < a.length; i++) {
            double difference = Math.abs((double) a[i] - b[i]);
            most = Double.isNaN(difference) ? Double.POSITIVE_INFINITY : Math.max(most, difference);
        }
        return most;
    }

    /** Values between -scale and scale. */
    private static float[] random(int seed, int count, float scale) {
        float[] values = new float[count];
        int state = seed * 0x9e3779b9;
        for (int i = 0; i < count; i++) {
            state = state * 1664525 + 1013904223;
            values[i] = (state >> 8) * 0x1p-23f * scale;
        }
        return values;
    }
}
