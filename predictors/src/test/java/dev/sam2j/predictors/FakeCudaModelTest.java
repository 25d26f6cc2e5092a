package dev.sam2j.predictors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.Precision;
import dev.sam2j.cpu.CpuBackend;
import dev.sam2j.cuda.FakeCuda;
import dev.sam2j.heads.MaskDecoder;
import dev.sam2j.hiera.FeatureBuffer;
import dev.sam2j.hiera.ImageFeatures;
import dev.sam2j.hiera.LayerObserver;
import dev.sam2j.memory.MemoryTokens;
import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.model.LoadedModel;
import dev.sam2j.tensor.Backend;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.Workspace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * The bundled model on the CUDA backend, on a device in host memory whose kernels run in the PTX interpreter, held to
 * the CPU backend.
 */
class FakeCudaModelTest {
    private static final int WIDTH = 96;
    private static final int HEIGHT = 64;
    /** Whether the image encoder, which takes long, is recorded and repeated too. */
    private static final boolean FULL = Boolean.getBoolean("sam2j.full");

    /** A bright rectangle on a dark ground. */
    private static Picture picture() {
        byte[] rgb = new byte[3 * WIDTH * HEIGHT];
        for (int y = 0; y < HEIGHT; y++) {
            for (int x = 0; x < WIDTH; x++) {
                boolean inside = x >= 20 && x < 50 && y >= 16 && y < 48;
                int at = 3 * (y * WIDTH + x);
                rgb[at] = (byte) (inside ? 230 : 40 + x % 5);
                rgb[at + 1] = (byte) (inside ? 60 : 80);
                rgb[at + 2] = (byte) (inside ? 40 + y % 7 : 90);
            }
        }
        return Picture.of(rgb, WIDTH, HEIGHT);
    }

    /** Each layer's values, and what was answered. */
    private record Answer(Map<String, float[]> layers, Prediction prediction) {}

    private static Answer answer(Backend backend) {
        Map<String, float[]> layers = new HashMap<>();
        Backend used = backend == null ? new CpuBackend(2) : backend;
        try (Sam2Model model = LoadedModel.load("demo", used).observedBy((name, tensor) -> {
                    float[] values = new float[(int) tensor.shape().elements()];
                    used.download(tensor, values, 0);
                    layers.put(name, values);
                });
                ImagePredictor predictor = model.imagePredictor()) {
            predictor.setImage(picture());
            return new Answer(layers, predictor.predict(Prompt.point(35, 32)));
        }
    }

    /**
     * Compares a picture's layers and answers.
     *
     * @param bound largest difference of a layer, as a part of its largest value
     * @param score largest difference of a mask's quality
     * @param iou least agreement of masks that are worth something
     */
    private static void check(Precision precision, double bound, double score, double iou) {
        Answer expected = answer(null);
        Answer actual;
        try (Backend backend = FakeCuda.backend(precision)) {
            actual = answer(backend);
        }
        assertEquals(expected.layers().keySet(), actual.layers().keySet());
        expected.layers().forEach((name, values) -> {
            double largest = 0;
            double difference = 0;
            for (int i = 0; i < values.length; i++) {
                largest = Math.max(largest, Math.abs(values[i]));
                difference = Math.max(
                        difference, Math.abs(values[i] - actual.layers().get(name)[i]));
            }
            assertTrue(difference <= bound * largest, name + ": " + difference + " of " + largest);
        });
        for (int i = 0; i < 3; i++) {
            PredictedMask want = expected.prediction().masks().get(i);
            PredictedMask got = actual.prediction().masks().get(i);
            assertEquals(want.score(), got.score(), score);
            if (want.score() > 0.5) {
                assertTrue(
                        want.mask().iou(got.mask()) >= iou,
                        "mask " + i + ": " + want.mask().iou(got.mask()));
            }
        }
    }

    /** Roundings of float32 in other orders, through ten blocks. */
    @Test
    @EnabledIfSystemProperty(named = "sam2j.full", matches = "true", disabledReason = "takes long: -Pfull")
    void pictureInFloat32() {
        check(Precision.FP32, 1e-5, 1e-5, 1);
    }

    /** Each block rounds its sums to 8 bits: 2^-9 of values that grow with the residual, a few times. */
    @Test
    void pictureInBfloat16() {
        check(Precision.BF16, 0.02, 0.01, 0.99);
    }

    /** The sections that backends may record, on changing values at the same places. */
    private static final class Sections {
        private final LoadedModel model;
        private final Ops ops;
        private final FeatureBuffer buffer;
        private final List<float[]> results = new ArrayList<>();

        Sections(LoadedModel model, Ops ops) {
            this.model = model;
            this.ops = ops;
            this.buffer = new FeatureBuffer(model.backend(), model.config());
        }

        private Tensor random(Random random, int... dims) {
            Tensor tensor = ops.empty(dims);
            float[] values = new float[(int) tensor.shape().elements()];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) random.nextGaussian() * 0.1f;
            }
            ops.backend().upload(values, 0, tensor);
            return tensor;
        }

        void run(int seed) {
            Random random = new Random(seed);
            int size = model.config().imageSize();
            int channels = model.config().memoryDim();
            try (Workspace.Frame frame = ops.frame()) {
                ImageFeatures features = buffer.features();
                if (FULL) {
                    model.imageEncoder().forward(ops, random(random, 1, size, size, 3), features, LayerObserver.NONE);
                } else {
                    for (Tensor map : new Tensor[] {features.embedding(), features.highRes0(), features.highRes1()}) {
                        ops.copy(random(random, map.rows(), map.cols()), map.reshape(map.rows(), map.cols()));
                    }
                }
                Tensor tokens = random(random, 1, 260, channels);
                MemoryTokens memory = new MemoryTokens(tokens, random(random, 1, 260, channels), 4);
                Tensor seen = model.memory().attention().forward(ops, features.embedding(), List.of(memory));
                Tensor sparse = model.promptEncoder().points(ops, new float[] {10 + seed, 20}, new int[] {1}, 1);
                MaskDecoder.Output output = model.maskDecoder()
                        .forward(
                                ops,
                                seen,
                                features.highRes0(),
                                features.highRes1(),
                                sparse,
                                model.promptEncoder().noMask(),
                                model.promptEncoder().gridPositions());
                Tensor mask = random(random, 1, size, size, 1);
                Tensor encoded = model.memory().encoder().forward(ops, features.embedding(), mask);
                for (Tensor tensor : new Tensor[] {seen, output.masks(), output.iou(), encoded}) {
                    results.add(ops.toHost(tensor));
                }
            }
        }

        static List<float[]> results(Backend backend, int... seeds) {
            try (LoadedModel model = LoadedModel.load("demo", backend);
                    Ops ops = new Ops(backend)) {
                Sections sections = new Sections(model, ops);
                for (int seed : seeds) {
                    sections.run(seed);
                }
                sections.buffer.close();
                return sections.results;
            }
        }
    }

    /** What is recorded with other values in between gives the first values' results when it is repeated. */
    @Test
    void repeatedRecordingsGiveTheSameBits() {
        try (Backend backend = FakeCuda.backend(Precision.BF16)) {
            List<float[]> results = Sections.results(backend, 0, 1, 0);
            assertEquals(List.of(), FakeCuda.refusals(backend));
            assertEquals(FULL ? 4 : 3, FakeCuda.replays(backend), "each section is run, recorded, repeated");
            int each = results.size() / 3;
            for (int i = 0; i < each; i++) {
                assertArrayEquals(results.get(i), results.get(2 * each + i), "result " + i);
                assertFalse(Arrays.equals(results.get(i), results.get(each + i)), "result " + i);
            }
        }
    }
}
