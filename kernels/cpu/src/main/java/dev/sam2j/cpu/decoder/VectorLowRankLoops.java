package dev.sam2j.cpu.decoder;

import dev.sam2j.cpu.math.Lanes;
import dev.sam2j.cpu.math.VectorMath;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** {@link LowRankLoops} on the Vector API; a block is two vectors wide. */
public final class VectorLowRankLoops extends LowRankLoops {
    private static final VectorSpecies<Float> F = Lanes.SPECIES;
    private static final int L = Lanes.LENGTH;

    private static FloatVector load(float[] x, int at) {
        return FloatVector.fromArray(F, x, at);
    }

    @Override
    public void scaleAndShift(
            float[] x, int at, int rows, int width, float[] scale, int atScale, float[] addend, int atAddend) {
        FloatVector low = load(scale, atScale);
        FloatVector high = load(scale, atScale + L);
        for (int r = 0; r < rows; r++) {
            int i = at + r * 2 * L;
            FloatVector shift = FloatVector.broadcast(F, addend[atAddend + r]);
            load(x, i).fma(low, shift).intoArray(x, i);
            load(x, i + L).fma(high, shift).intoArray(x, i + L);
        }
    }

    @Override
    public void scaleAndAdd(float[] x, int at, int rows, int width, float[] scale, int atScale, float[] y, int atY) {
        FloatVector low = load(scale, atScale);
        FloatVector high = load(scale, atScale + L);
        for (int r = 0; r < rows; r++) {
            int i = at + r * 2 * L;
            int j = atY + r * 2 * L;
            load(x, i).fma(low, load(y, j)).intoArray(x, i);
            load(x, i + L).fma(high, load(y, j + L)).intoArray(x, i + L);
        }
    }

    @Override
    public void softmaxColumns(float[] x, int at, int rows, int width, float[] divisor, int atDivisor) {
        for (int c = 0; c < 2 * L; c += L) {
            softmaxVector(x, at + c, rows, divisor, atDivisor + c);
        }
    }

    /** One vector of columns. */
    private static void softmaxVector(float[] x, int at, int rows, float[] divisor, int atDivisor) {
        int end = at + rows * 2 * L;
        FloatVector max = load(x, at);
        for (int i = at + 2 * L; i < end; i += 2 * L) {
            max = max.max(load(x, i));
        }
        FloatVector sum = FloatVector.zero(F);
        for (int i = at; i < end; i += 2 * L) {
            FloatVector power = VectorMath.power2(max.sub(load(x, i)));
            power.intoArray(x, i);
            sum = sum.add(power);
        }
        FloatVector factor = FloatVector.broadcast(F, 1f).div(sum.mul(load(divisor, atDivisor)));
        for (int i = at; i < end; i += 2 * L) {
            load(x, i).mul(factor).intoArray(x, i);
        }
    }

    @Override
    public void addColumnProducts(float[] x, int at, float[] y, int atY, int rows, int width, float[] sum, int atSum) {
        FloatVector low = load(sum, atSum);
        FloatVector high = load(sum, atSum + L);
        for (int r = 0; r < rows; r++) {
            int i = r * 2 * L;
            low = load(x, at + i).fma(load(y, atY + i), low);
            high = load(x, at + i + L).fma(load(y, atY + i + L), high);
        }
        low.intoArray(sum, atSum);
        high.intoArray(sum, atSum + L);
    }

    @Override
    public void softmaxRows(
            float[] scores,
            int at,
            int stride,
            int rows,
            int width,
            int blocks,
            float[] scale,
            int atScale,
            float[] state,
            int atState) {
        for (int r = 0; r < rows; r++) {
            int from = at + r * 2 * L;
            state[atState + r] = largest(scores, from, stride, blocks);
            float max = state[atState + r];
            state[atState + rows + r] = powers(scores, from, stride, blocks, scale, atScale, max)
                    + powers(scores, from + L, stride, blocks, scale, atScale + L, max);
        }
    }

    private static float largest(float[] x, int at, int stride, int blocks) {
        FloatVector low = load(x, at);
        FloatVector high = load(x, at + L);
        for (int block = 1; block < blocks; block++) {
            low = low.max(load(x, at + block * stride));
            high = high.max(load(x, at + block * stride + L));
        }
        return VectorMath.maxModulo(low.max(high), 1).lane(0);
    }

    /** Replaces the scores of one vector of each block by weighted powers; the sum of powers. */
    private static float powers(float[] x, int at, int stride, int blocks, float[] scale, int atScale, float largest) {
        FloatVector max = FloatVector.broadcast(F, largest);
        FloatVector sum = FloatVector.zero(F);
        for (int block = 0; block < blocks; block++) {
            int i = at + block * stride;
            FloatVector power = VectorMath.power2(max.sub(load(x, i)));
            power.mul(load(scale, atScale + block * 2 * L)).intoArray(x, i);
            sum = sum.add(power);
        }
        return VectorMath.sum(sum);
    }

    @Override
    public void rowProducts(
            float[] a,
            int atA,
            int strideA,
            int rowsA,
            float[] b,
            int atB,
            int strideB,
            int rowsB,
            int width,
            int blocks,
            float[] out,
            int atOut,
            int outStride) {
        float[] lanes = new float[ROW_GROUP * ROW_GROUP * L];
        for (int i = 0; i < rowsA; i += ROW_GROUP) {
            for (int j = 0; j < rowsB; j += ROW_GROUP) {
                Arrays.fill(lanes, 0);
                int x = atA + i * 2 * L;
                int y = atB + j * 2 * L;
                if (L == 8) {
                    // 16 sums would fill all registers of AVX2.
                    VectorRowProducts.twoByFour(a, x, strideA, b, y, strideB, blocks, lanes, 0);
                    VectorRowProducts.twoByFour(a, x + 4 * L, strideA, b, y, strideB, blocks, lanes, 8 * L);
                } else {
                    VectorRowProducts.fourByFour(a, x, strideA, b, y, strideB, blocks, lanes, 0);
                }
                sum(lanes, ROW_GROUP, out, atOut + i * outStride + j, outStride);
            }
        }
    }

    /**
     * Sums of the lanes of {@code rows} times four vectors. Plain additions of many lanes go side by side, those of one
     * vector would wait for each other.
     */
    private static void sum(float[] lanes, int rows, float[] out, int to, int outStride) {
        for (int i = 0; i < rows; i++, to += outStride) {
            for (int j = 0; j < 4; j++) {
                int at = (4 * i + j) * L;
                float a = 0;
                float b = 0;
                float c = 0;
                float d = 0;
                for (int lane = at; lane < at + L; lane += 4) {
                    a += lanes[lane];
                    b += lanes[lane + 1];
                    c += lanes[lane + 2];
                    d += lanes[lane + 3];
                }
                out[to + j] = (a + b) + (c + d);
            }
        }
    }
}
