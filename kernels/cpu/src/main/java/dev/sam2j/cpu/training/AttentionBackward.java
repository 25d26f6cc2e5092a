package dev.sam2j.cpu.training;

import static dev.sam2j.cpu.runtime.CpuStorage.rows;

import dev.sam2j.cpu.runtime.Rows;
import dev.sam2j.tensor.AttentionSpec;
import dev.sam2j.tensor.Tensor;

/** The adjoint of attention. */
final class AttentionBackward {
    private AttentionBackward() {}

    static void run(
            Tensor tensorQ,
            Tensor tensorK,
            Tensor tensorV,
            AttentionSpec spec,
            Tensor tensorOut,
            Tensor tensorLogSumExp,
            Tensor tensorDOut,
            Tensor tensorDQ,
            Tensor tensorDK,
            Tensor tensorDV) {
        Rows q = rows(tensorQ);
        Rows k = rows(tensorK);
        Rows v = rows(tensorV);
        Rows out = rows(tensorOut);
        Rows logSumExp = rows(tensorLogSumExp);
        Rows dOut = rows(tensorDOut);
        int dk = tensorQ.cols() / spec.heads();
        int dv = tensorV.cols() / spec.heads();
        int keys = tensorK.dim(1);
        for (int r = 0; r < tensorQ.rows(); r++) {
            int entry = r / tensorQ.dim(1);
            for (int head = 0; head < spec.heads(); head++) {
                int atQ = q.at(r) + head * dk;
                int atDOut = dOut.at(r) + head * dv;
                double mean = dot(dOut, atDOut, out, out.at(r) + head * dv, dv);
                for (int j = 0; j < keys; j++) {
                    int rowK = (tensorK.dim(0) == 1 ? 0 : entry * keys) + j;
                    int rowV = (tensorV.dim(0) == 1 ? 0 : entry * keys) + j;
                    int atK = k.at(rowK) + head * dk;
                    double score = spec.scale() * dot(q, atQ, k, atK, dk);
                    double weight = Math.exp(score - logSumExp.data()[logSumExp.at(r) + head]);
                    double dWeight = dot(dOut, atDOut, v, v.at(rowV) + head * dv, dv);
                    double dScore = weight * (dWeight - mean) * spec.scale();
                    add(tensorDQ, r, head * dk, dScore, k, atK, dk);
                    add(tensorDK, rowK, head * dk, dScore, q, atQ, dk);
                    add(tensorDV, rowV, head * dv, weight, dOut, atDOut, dv);
                }
            }
        }
    }

    private static double dot(Rows a, int atA, Rows b, int atB, int n) {
        double sum = 0;
        for (int c = 0; c < n; c++) {
            sum += (double) a.data()[atA + c] * b.data()[atB + c];
        }
        return sum;
    }

    private static void add(Tensor tensor, int row, int column, double factor, Rows x, int atX, int n) {
        if (tensor != null) {
            Rows to = rows(tensor);
            for (int c = 0; c < n; c++) {
                to.data()[to.at(row) + column + c] += (float) (factor * x.data()[atX + c]);
            }
        }
    }
}
