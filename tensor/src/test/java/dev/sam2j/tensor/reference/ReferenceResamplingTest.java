package dev.sam2j.tensor.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sam2j.tensor.Activation;
import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Interpolation;
import dev.sam2j.tensor.ResizeFilter;
import dev.sam2j.tensor.Shape;
import dev.sam2j.tensor.Tensor;
import org.junit.jupiter.api.Test;

/** The reference resamplers against values worked out by hand. */
class ReferenceResamplingTest {
    private final ReferenceBackend backend = new ReferenceBackend();

    @Test
    void bilinearTwoToFour() {
        // Coordinates -0.25 -> 0, 0.25, 0.75, 1.25 (second tap clamped to the last element).
        assertArrayEquals(new float[] {0, 2, 6, 8}, line(Interpolation.BILINEAR, 4, 0, 8), 1e-6f);
    }

    @Test
    void bilinearShrinkingDoesNotSmooth() {
        // Scale 3: coordinates 1 and 4 exactly.
        assertArrayEquals(new float[] {7, 9}, line(Interpolation.BILINEAR, 2, 1, 7, 1, 1, 9, 1), 1e-6f);
    }

    @Test
    void bilinearCoordinateIsRoundedOnceInFloat32() {
        // 2 to 7, output 3: 2/7 in float32 is 0.86 * 2^-26 too large, so 3.5 * s - 0.5, rounded once, is 0.5 + 2^-24.
        // A product rounded before the subtraction, or a float64 coordinate, gives 0.5.
        assertEquals((1 << 23) + 1, line(Interpolation.BILINEAR, 7, 0, 1 << 24)[3], 0);
    }

    @Test
    void antialiasedFourToTwo() {
        // Output 0: centre 1, support 2, sources 0..2 with weights 0.75, 0.75, 0.25 over 1.75.
        float[] expected = {(0.75f * 4 + 0.75f * 8 + 0.25f * 16) / 1.75f, (0.25f * 8 + 0.75f * 16 + 0.75f * 32) / 1.75f
        };
        assertArrayEquals(expected, line(Interpolation.BILINEAR_ANTIALIAS, 2, 4, 8, 16, 32), 1e-5f);
    }

    @Test
    void antialiasedEqualsBilinearWhenEnlarging() {
        float[] source = {3, -1, 4, 1, -5, 9};
        float[] expected = line(Interpolation.BILINEAR, 13, source);
        assertArrayEquals(expected, line(Interpolation.BILINEAR_ANTIALIAS, 13, source), 1e-5f);
    }

    @Test
    void bicubicTwoToFour() {
        // Output 1: u = 0.25; kernel a = -0.75 at 1.25, 0.25, 0.75, 1.75: -0.10546875, 0.87890625, 0.26171875,
        // -0.03515625.
        // Indices -1, 0, 1, 2 clamp to 0, 0, 1, 1, so the weight of the second element is 0.2265625.
        // Output 0: u = -0.25, j = -1, t = 0.75: taps -2..1 clamp to 0, 0, 0, 1; the last has K(1.25) = -0.10546875.
        float[] expected = {8 * -0.10546875f, 8 * 0.2265625f, 8 * (1 - 0.2265625f), 8 * (1 + 0.10546875f)};
        assertArrayEquals(expected, line(Interpolation.BICUBIC, 4, 0, 8), 1e-6f);
    }

    @Test
    void nearestTakesTheElementBelow() {
        assertArrayEquals(new float[] {1, 1, 2, 2, 3}, line(Interpolation.NEAREST, 5, 1, 2, 3), 0);
    }

    @Test
    void cubicEightBitTwoToFour() {
        // Output 0: centre 0.25, sources 0..1, K(-0.25+0.5 = 0.25) = 0.8671875, K(1.25) = -0.0703125, sum 0.796875.
        // Weights 1.0882353, -0.0882353: 1.0882353 * 50 - 0.0882353 * 250 = 32.35 -> 32.
        // Output 1: centre 0.75, K(-0.25) = 0.8671875, K(0.75) = 0.2265625, sum 1.09375: 0.7928571, 0.2071429
        // -> 50 * 0.7928571 + 250 * 0.2071429 = 91.43 -> 91; mirrored: 208.57 -> 209 and 267.6 -> clipped to 255.
        byte[] rgb = {50, 0, (byte) 255, (byte) 250, 0, (byte) 255};
        int[] pixels = ReferenceResampling.resize8Bit(rgb, 1, 2, 1, 4);
        assertArrayEquals(new int[] {32, 0, 255, 91, 0, 255, 209, 0, 255, 255, 0, 255}, pixels);
    }

    @Test
    void cubicEightBitRoundsBetweenThePasses() {
        // Columns as above on both rows: after the first pass the left column is 32 over 32; constant columns stay.
        byte[] rgb = {50, 50, 50, (byte) 250, (byte) 250, (byte) 250, 50, 50, 50, (byte) 250, (byte) 250, (byte) 250};
        int[] pixels = ReferenceResampling.resize8Bit(rgb, 2, 2, 4, 4);
        for (int y = 0; y < 4; y++) {
            assertEquals(32, pixels[y * 12]);
            assertEquals(91, pixels[y * 12 + 3]);
            assertEquals(209, pixels[y * 12 + 6]);
            assertEquals(255, pixels[y * 12 + 9]);
        }
    }

    @Test
    void imageToTensorNormalisesPerChannel() {
        Tensor destination = Tensor.of(backend.allocate(DType.F32, 3), 0, Shape.of(1, 1, 1, 3));
        float[] mean = {0.485f, 0.456f, 0.406f};
        float[] std = {0.229f, 0.224f, 0.225f};
        for (ResizeFilter filter : ResizeFilter.values()) {
            backend.imageToTensor(new byte[] {0, (byte) 255, 51}, 1, 1, filter, mean, std, destination);
            float[] values = new float[3];
            backend.download(destination, values, 0);
            assertArrayEquals(new float[] {-2.1179039f, 2.4285715f, -0.9155555f}, values, 1e-6f);
        }
    }

    @Test
    void errorFunctionAtTabulatedPoints() {
        assertEquals(0, ReferenceMath.erf(0), 0);
        assertEquals(0.5204998778130465, ReferenceMath.erf(0.5), 1e-15);
        assertEquals(-0.8427007929497149, ReferenceMath.erf(-1), 1e-15);
        assertEquals(0.9953222650189527, ReferenceMath.erf(2), 1e-15);
        assertEquals(0.8413447460685429, ReferenceMath.activate(Activation.GELU, 1), 1e-15);
    }

    /** Resamples one row. */
    private float[] line(Interpolation filter, int out, float... values) {
        Tensor source = Tensor.of(backend.allocate(DType.F32, values.length), 0, Shape.of(1, 1, values.length, 1));
        backend.upload(values, 0, source);
        Tensor destination = Tensor.of(backend.allocate(DType.F32, out), 0, Shape.of(1, 1, out, 1));
        backend.interpolate(source, filter, destination);
        float[] result = new float[out];
        backend.download(destination, result, 0);
        return result;
    }
}
