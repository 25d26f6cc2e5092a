package dev.sam2j.cpu.decoder;

import dev.sam2j.cpu.math.Exp2;

/** {@link LowRankLoops} in plain Java. */
public final class ScalarLowRankLoops implements LowRankLoops {
    @Override
    public void scaleAndShift(
            float[] x, int at, int rows, int width, float[] scale, int atScale, float[] addend, int atAddend) {
        for (int r = 0; r < rows; r++) {
            float shift = addend[atAddend + r];
            for (int c = 0; c < width; c++) {
                x[at + r * width + c] = x[at + r * width + c] * scale[atScale + c] + shift;
            }
        }
    }

    @Override
    public void scaleAndAdd(float[] x, int at, int rows, int width, float[] scale, int atScale, float[] y, int atY) {
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < width; c++) {
                int i = r * width + c;
                x[at + i] = x[at + i] * scale[atScale + c] + y[atY + i];
            }
        }
    }

    @Override
    public void softmaxColumns(float[] x, int at, int rows, int width, float[] divisor, int atDivisor) {
        for (int c = 0; c < width; c++) {
            float max = Float.NEGATIVE_INFINITY;
            for (int r = 0; r < rows; r++) {
                max = Math.max(max, x[at + r * width + c]);
            }
            float sum = 0;
            for (int r = 0; r < rows; r++) {
                int i = at + r * width + c;
                x[i] = Exp2.of(x[i] - max);
                sum += x[i];
            }
            float factor = 1 / (sum * divisor[atDivisor + c]);
            for (int r = 0; r < rows; r++) {
                x[at + r * width + c] *= factor;
            }
        }
    }

    @Override
    public void addColumnProducts(float[] x, int at, float[] y, int atY, int rows, int width, float[] sum, int atSum) {
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < width; c++) {
                sum[atSum + c] += x[at + r * width + c] * y[atY + r * width + c];
            }
        }
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
            float max = Float.NEGATIVE_INFINITY;
            for (int n = 0; n < blocks * width; n++) {
                max = Math.max(max, scores[at + n / width * stride + r * width + n % width]);
            }
            float sum = 0;
            for (int n = 0; n < blocks * width; n++) {
                int i = at + n / width * stride + r * width + n % width;
                float power = Exp2.of(scores[i] - max);
                sum += power;
                scores[i] = power * scale[atScale + n];
            }
            state[atState + r] = max;
            state[atState + rows + r] = sum;
        }
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
        for (int i = 0; i < rowsA; i++) {
            for (int j = 0; j < rowsB; j++) {
                float sum = 0;
                for (int block = 0; block < blocks; block++) {
                    int x = atA + block * strideA + i * width;
                    int y = atB + block * strideB + j * width;
                    for (int c = 0; c < width; c++) {
                        sum += a[x + c] * b[y + c];
                    }
                }
                out[atOut + i * outStride + j] = sum;
            }
        }
    }
}
