package dev.sam2j.tensor.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sam2j.tensor.MaskBits;
import dev.sam2j.tensor.training.MaskLossSums;
import dev.sam2j.tensor.training.MaskTruth;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleSupplier;
import org.junit.jupiter.api.Test;

class MaskLossTest extends TrainingContract {
    /** Enlarged logits have three roundings, sigmoid and logarithm relative errors of 3e-7, products of them a few. */
    private static final double TOLERANCE = 3e-6;

    private static final float ALPHA = 0.25f;
    private static final float GAMMA = 2;

    /** Weights in a loss: of the focal sum, of the sum of p, of the sum of p t. */
    private record Weights(double[] focal, double[] probability, double[] agreement) {}

    @Test
    void oddSizesAndGaps() {
        check(1, 1, 1, 1, 1, 0);
        check(1, 2, 3, 5, 9, 0);
        check(2, 1, 7, 4, 33, 3);
        check(1, 1, 20, 23, 130, 0);
        check(1, 1, 33, 37, 71, 5);
    }

    @Test
    void aQuarterOfTheTruth() {
        check(1, 3, 16, 16, 64, 0);
        check(2, 3, 32, 32, 128, 0);
        check(1, 1, 64, 64, 256, 0);
    }

    @Test
    void asLargeAsTheTruthAndLarger() {
        check(1, 1, 19, 19, 19, 0);
        check(1, 2, 40, 33, 17, 0);
    }

    @Test
    void otherFocalLosses() {
        Operand logits = spread(0, 4, 2, 1, 6, 7);
        MaskTruth truth = truth(25, randomBits(25), randomBits(25));
        for (float gamma : new float[] {0, 0.5f, 1, 3}) {
            check(logits, truth, 0.4f, gamma, randomWeights(2), TOLERANCE);
        }
    }

    @Test
    void emptyAndFullTruth() {
        long[] full = new long[MaskBits.words(21, 21)];
        for (int i = 0; i < 21 * 21; i++) {
            full[i / 64] |= 1L << i;
        }
        MaskTruth truth = truth(21, new long[full.length], full);
        check(spread(0, 4, 2, 3, 5, 5), truth, ALPHA, GAMMA, randomWeights(6), TOLERANCE);
    }

    @Test
    void extremeLogits() {
        // Between -1024 and 1024 an enlarged logit is only known to 1e-4.
        double tolerance = 3e-4;
        for (float x : new float[] {0, 0.5f, -1, 16.7f, 88, -88, 87.5f, 104, -104, 1024, -1024}) {
            Operand constant = logits(() -> x, 1, 2, 5, 5);
            check(constant, truth(20, randomBits(20)), ALPHA, GAMMA, randomWeights(2), TOLERANCE);
            Operand mixed = logits(() -> random().nextBoolean() ? x : -x, 2, 1, 9, 9);
            check(mixed, truth(36, randomBits(36), randomBits(36)), ALPHA, GAMMA, randomWeights(2), tolerance);
        }
    }

    /** Where every pixel is right, its gradient is tiny but no less exact: no probability is subtracted from 1. */
    @Test
    void confidentPixels() {
        int size = 36;
        for (boolean inside : new boolean[] {true, false}) {
            double sign = inside ? 1 : -1;
            Operand logits = logits(() -> sign * (5 + 8 * random().nextDouble()), 1, 3, 9, 9);
            long[] bits = new long[MaskBits.words(size, size)];
            for (int i = 0; inside && i < size * size; i++) {
                bits[i / 64] |= 1L << i;
            }
            Weights weights = new Weights(new double[] {1, 0, 0}, new double[] {0, 1, 0}, new double[] {0, 0, 1});
            Operand dLogits = values(0, new float[3 * 81], 1, 3, 9, 9);
            backward(logits, truth(size, bits), ALPHA, GAMMA, weights, dLogits);
            assertClose(dLogits, 1e-30, 2 * TOLERANCE);
        }
    }

    @Test
    void masksWithoutWeightAreNotLookedAt() {
        float[] values = new float[2 * 3 * 16];
        for (int i = 0; i < values.length; i++) {
            values[i] = i / 16 % 2 == 1 ? Float.NaN : (float) random().nextGaussian();
        }
        Operand logits = values(0, values, 2, 3, 4, 4);
        double[] weights = {1, 0, -0.5, 0, 2, 0};
        Operand dLogits = input(2, 3, 4, 4);
        MaskTruth truth = truth(15, randomBits(15), randomBits(15));
        backward(logits, truth, ALPHA, GAMMA, new Weights(weights, weights, weights), dLogits);
        assertClose(dLogits, 10 * TOLERANCE, TOLERANCE);
    }

    private void check(int objects, int masks, int height, int width, int size, int gap) {
        long[][] bits = new long[objects][];
        for (int i = 0; i < objects; i++) {
            bits[i] = randomBits(size);
        }
        Operand logits = spread(gap, 5, objects, masks, height, width);
        check(logits, truth(size, bits), ALPHA, GAMMA, randomWeights(objects * masks), TOLERANCE);
    }

    private void check(Operand logits, MaskTruth truth, float alpha, float gamma, Weights weights, double tolerance) {
        List<MaskLossSums[]> sums = new ArrayList<>();
        train((ops, b) -> sums.add(ops.maskLoss(logits.on(b), truth, alpha, gamma)));
        MaskLossSums[] expected = sums.get(0);
        MaskLossSums[] actual = sums.get(1);
        assertEquals(expected.length, actual.length);
        for (int i = 0; i < expected.length; i++) {
            assertSum(expected[i].focal(), actual[i].focal(), tolerance);
            assertSum(expected[i].probability(), actual[i].probability(), tolerance);
            assertSum(expected[i].agreement(), actual[i].agreement(), tolerance);
            assertEquals(expected[i].intersection(), actual[i].intersection());
            assertEquals(expected[i].union(), actual[i].union());
        }
        int[] shape = logits.on(reference()).shape().toArray();
        int stride = logits.on(reference()).rowStride();
        Operand dLogits = spread(stride - shape[3], 1, shape);
        backward(logits, truth, alpha, gamma, weights, dLogits);
        // An element of dLogits is a sum over the pixels it is stretched to, of terms that are below 10 or so.
        double pixels = 1 + (double) truth.size() * truth.size() / (shape[2] * shape[3]);
        assertClose(dLogits, 10 * pixels * tolerance, tolerance);
    }

    private void backward(Operand logits, MaskTruth truth, float alpha, float gamma, Weights weights, Operand dLogits) {
        train((ops, b) -> ops.maskLossBackward(
                logits.on(b),
                truth,
                alpha,
                gamma,
                weights.focal(),
                weights.probability(),
                weights.agreement(),
                dLogits.on(b)));
    }

    /** Sums below 1e-30 are of no interest: float32 ends there. */
    private static void assertSum(double expected, double actual, double tolerance) {
        assertEquals(expected, actual, tolerance * Math.abs(expected) + 1e-30);
    }

    private Operand logits(DoubleSupplier value, int... dims) {
        int elements = 1;
        for (int dim : dims) {
            elements *= dim;
        }
        float[] values = new float[elements];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) value.getAsDouble();
        }
        return values(0, values, dims);
    }

    private static MaskTruth truth(int size, long[]... bits) {
        return MaskTruth.of(size, bits);
    }

    private long[] randomBits(int size) {
        long[] bits = new long[MaskBits.words(size, size)];
        for (int i = 0; i < size * size; i++) {
            bits[i / 64] |= (random().nextInt(3) == 0 ? 1L : 0L) << i;
        }
        return bits;
    }

    private Weights randomWeights(int masks) {
        Weights weights = new Weights(new double[masks], new double[masks], new double[masks]);
        for (int i = 0; i < masks; i++) {
            weights.focal()[i] = random().nextGaussian();
            weights.probability()[i] = random().nextGaussian();
            weights.agreement()[i] = random().nextGaussian();
        }
        return weights;
    }
}
