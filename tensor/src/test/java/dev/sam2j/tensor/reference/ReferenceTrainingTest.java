package dev.sam2j.tensor.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sam2j.tensor.Activation;
import dev.sam2j.tensor.AttentionSpec;
import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Epilogue;
import dev.sam2j.tensor.PackedMatrix;
import dev.sam2j.tensor.Shape;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.training.MaskLossSums;
import dev.sam2j.tensor.training.MaskTruth;
import dev.sam2j.tensor.training.TrainingOps;
import java.util.Random;
import java.util.function.DoubleSupplier;
import org.junit.jupiter.api.Test;

/**
 * Adjoints of {@link ReferenceTraining} are derivatives of {@link ReferenceBackend}'s operations: of
 * {@code loss = sum(dY * y)} by every element of an operand, by central differences in float64.
 */
class ReferenceTrainingTest {
    /** The error of central differences is STEP² times a third derivative of order 1, and 1e-16 / STEP. */
    private static final double STEP = 1e-5;

    private static final double TOLERANCE = 1e-8;
    private static final float EPS = 1e-6f;

    private final ReferenceBackend backend = new ReferenceBackend(true);
    private final TrainingOps ops = backend.training();
    private final Random random = new Random(7);

    @Test
    void linear() {
        Tensor x = random(5, 3);
        Tensor w = random(4, 3);
        Tensor dY = random(5, 4);
        Tensor y = zeros(5, 4);
        DoubleSupplier loss = () -> {
            backend.gemm(x, ops.pack(w, false), Epilogue.NONE, y);
            return dot(y, dY);
        };
        Tensor dW = zeros(4, 3);
        ops.outer(dY, x, dW);
        assertGradient(loss, w, dW);
        PackedMatrix transposed = ops.pack(w, true);
        Tensor dX = zeros(5, 3);
        backend.gemm(dY, transposed, Epilogue.NONE, dX);
        assertGradient(loss, x, dX);
    }

    @Test
    void multiply() {
        Tensor a = random(2, 5);
        Tensor b = random(5, 3);
        Tensor dC = random(2, 3);
        DoubleSupplier loss = () -> {
            Tensor c = zeros(2, 3);
            ops.multiply(a, b, c);
            return dot(c, dC);
        };
        Tensor dB = zeros(5, 3);
        ops.outer(a, dC, dB);
        assertGradient(loss, b, dB);
        Tensor dA = zeros(1, 2, 5);
        backend.matmul(dC.reshape(1, 2, 3), b.reshape(1, 5, 3), dA);
        assertGradient(loss, a, dA.reshape(2, 5));
    }

    @Test
    void repeatedAddend() {
        Tensor x = random(6, 5);
        Tensor y = zeros(6, 5);
        Tensor dY = random(6, 5);
        Tensor bias = random(1, 5);
        Tensor repeated = random(3, 5);
        DoubleSupplier loss = () -> {
            backend.add(x, 1, bias, 1, y);
            backend.add(y, 1, repeated, 1, y);
            return dot(y, dY);
        };
        Tensor dBias = zeros(5);
        ops.columnSums(dY, dBias);
        assertGradient(loss, bias, dBias.reshape(1, 5));
        Tensor dRepeated = zeros(3, 5);
        ops.sumRepeats(dY, dRepeated);
        assertGradient(loss, repeated, dRepeated);
    }

    @Test
    void activations() {
        for (Activation function : Activation.values()) {
            Tensor x = random(7, 3);
            Tensor y = zeros(7, 3);
            Tensor dY = random(7, 3);
            DoubleSupplier loss = () -> {
                backend.unary(x, 1, 0, function, y);
                return dot(y, dY);
            };
            loss.getAsDouble();
            Tensor dX = zeros(7, 3);
            ops.activationBackward(function, function == Activation.GELU ? x : y, dY, dX);
            assertGradient(loss, x, dX);
        }
    }

    @Test
    void layerNorm() {
        Tensor x = random(5, 7);
        Tensor gamma = random(7);
        Tensor beta = random(7);
        Tensor y = zeros(5, 7);
        Tensor dY = random(5, 7);
        DoubleSupplier loss = () -> {
            backend.layerNorm(x, gamma, beta, EPS, Activation.NONE, y);
            return dot(y, dY);
        };
        Tensor dX = zeros(5, 7);
        Tensor dGamma = zeros(7);
        Tensor dBeta = zeros(7);
        ops.layerNormBackward(x, gamma, EPS, dY, dX, dGamma, dBeta);
        assertGradient(loss, x, dX);
        assertGradient(loss, gamma, dGamma);
        assertGradient(loss, beta, dBeta);
    }

    @Test
    void attention() {
        attention(2, 2, 2);
        attention(2, 1, 1);
        attention(3, 1, 3);
        attention(3, 3, 1);
    }

    private void attention(int batch, int keyBatch, int valueBatch) {
        AttentionSpec spec = AttentionSpec.global(2, 6);
        Tensor q = random(batch, 3, 6);
        Tensor k = random(keyBatch, 4, 6);
        Tensor v = random(valueBatch, 4, 10);
        Tensor y = zeros(batch, 3, 10);
        Tensor logSumExp = zeros(batch, 3, 2);
        Tensor dY = random(batch, 3, 10);
        DoubleSupplier loss = () -> {
            ops.attention(q, k, v, spec, y, logSumExp);
            return dot(y, dY);
        };
        loss.getAsDouble();
        Tensor dQ = zeros(batch, 3, 6);
        Tensor dK = zeros(keyBatch, 4, 6);
        Tensor dV = zeros(valueBatch, 4, 10);
        ops.attentionBackward(q, k, v, spec, y, logSumExp, dY, dQ, dK, dV);
        assertGradient(loss, q, dQ);
        assertGradient(loss, k, dK);
        assertGradient(loss, v, dV);
    }

    @Test
    void pixelUnshuffleUndoesPixelShuffle() {
        Tensor x = random(2, 3, 5, 8);
        Tensor pixels = zeros(2, 6, 10, 2);
        Tensor back = zeros(2, 3, 5, 8);
        ops.pixelShuffle(x, pixels);
        ops.pixelUnshuffle(pixels, back);
        for (int i = 0; i < x.shape().elements(); i++) {
            assertEquals(ReferenceMath.element(x, i), ReferenceMath.element(back, i));
        }
        assertEquals(
                ReferenceMath.element(x, 6),
                ReferenceMath.element(pixels.reshape(12, 10, 2).slice(1, 2), 2));
    }

    @Test
    void maskLoss() {
        MaskTruth mixed = MaskTruth.of(9, new long[] {0x123456789ABCDEFL, 0x1F}, new long[] {-1L, 0xA5});
        maskLoss(mixed, 0.25f, 2);
        maskLoss(mixed, 0.4f, 1.5f);
        maskLoss(mixed, 0.5f, 0);
        maskLoss(MaskTruth.of(3, new long[] {0}, new long[] {0x1FF}), 0.25f, 2);
    }

    private void maskLoss(MaskTruth truth, float alpha, float gamma) {
        Tensor logits = random(2, 2, 3, 5);
        Tensor dLogits = zeros(2, 2, 3, 5);
        double[] focal = {1, 0, -2, 0.3};
        double[] probability = {0.5, 0, 1, 2};
        double[] agreement = {-1, 0, 0.4, 1};
        DoubleSupplier loss = () -> {
            MaskLossSums[] sums = ops.maskLoss(logits, truth, alpha, gamma);
            double sum = 0;
            for (int i = 0; i < sums.length; i++) {
                sum += focal[i] * sums[i].focal();
                sum += probability[i] * sums[i].probability();
                sum += agreement[i] * sums[i].agreement();
            }
            return sum;
        };
        ops.maskLossBackward(logits, truth, alpha, gamma, focal, probability, agreement, dLogits);
        assertGradient(loss, logits, dLogits);
    }

    private Tensor zeros(int... dims) {
        Shape shape = Shape.of(dims);
        return Tensor.of(backend.allocate(DType.F32, shape.elements()), 0, shape);
    }

    private Tensor random(int... dims) {
        Tensor tensor = zeros(dims);
        for (int i = 0; i < tensor.shape().elements(); i++) {
            ArrayStorage.set(tensor, i / tensor.cols(), i % tensor.cols(), random.nextGaussian());
        }
        return tensor;
    }

    private static double dot(Tensor a, Tensor b) {
        double sum = 0;
        for (int i = 0; i < a.shape().elements(); i++) {
            sum += ReferenceMath.element(a, i) * ReferenceMath.element(b, i);
        }
        return sum;
    }

    private static void assertGradient(DoubleSupplier loss, Tensor x, Tensor gradient) {
        for (int r = 0; r < x.rows(); r++) {
            for (int c = 0; c < x.cols(); c++) {
                double value = ArrayStorage.get(x, r, c);
                ArrayStorage.set(x, r, c, value + STEP);
                double above = loss.getAsDouble();
                ArrayStorage.set(x, r, c, value - STEP);
                double below = loss.getAsDouble();
                ArrayStorage.set(x, r, c, value);
                double expected = (above - below) / (2 * STEP);
                String where = "row " + r + ", column " + c + " of " + x;
                assertEquals(expected, ArrayStorage.get(gradient, r, c), TOLERANCE * (1 + Math.abs(expected)), where);
            }
        }
    }
}
