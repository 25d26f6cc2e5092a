package dev.sam2j.cpu.training;

import static dev.sam2j.cpu.runtime.CpuStorage.rows;

import dev.sam2j.cpu.rows.RowKernels;
import dev.sam2j.cpu.runtime.Rows;
import dev.sam2j.tensor.Tensor;

/** The adjoint of layer normalisation; mean and deviation are computed again. */
final class LayerNormBackward {
    private LayerNormBackward() {}

    static void run(
            Tensor tensorX,
            Tensor tensorGamma,
            float eps,
            Tensor tensorDY,
            Tensor tensorDX,
            Tensor tensorDGamma,
            Tensor tensorDBeta,
            RowKernels loops) {
        Rows x = rows(tensorX);
        Rows gamma = rows(tensorGamma);
        Rows dY = rows(tensorDY);
        int n = tensorX.cols();
        double[] dGamma = new double[n];
        double[] dBeta = new double[n];
        float[] unit = new float[n];
        for (int r = 0; r < tensorX.rows(); r++) {
            float mean = loops.sum(x.data(), x.at(r), n) / n;
            float variance = loops.squaredDeviations(x.data(), x.at(r), mean, n) / n;
            float factor = (float) (1 / Math.sqrt(variance + eps));
            double meanG = 0;
            double meanGX = 0;
            for (int c = 0; c < n; c++) {
                float dy = dY.data()[dY.at(r) + c];
                float g = dy * gamma.data()[gamma.offset() + c];
                unit[c] = (x.data()[x.at(r) + c] - mean) * factor;
                meanG += g;
                meanGX += g * unit[c];
                dGamma[c] += dy * unit[c];
                dBeta[c] += dy;
            }
            if (tensorDX != null) {
                Rows dX = rows(tensorDX);
                for (int c = 0; c < n; c++) {
                    float g = dY.data()[dY.at(r) + c] * gamma.data()[gamma.offset() + c];
                    dX.data()[dX.at(r) + c] += (float) (factor * (g - meanG / n - unit[c] * meanGX / n));
                }
            }
        }
        if (tensorDGamma != null) {
            add(dGamma, rows(tensorDGamma));
            add(dBeta, rows(tensorDBeta));
        }
    }

    private static void add(double[] sums, Rows to) {
        for (int c = 0; c < sums.length; c++) {
            to.data()[to.offset() + c] += (float) sums[c];
        }
    }
}
