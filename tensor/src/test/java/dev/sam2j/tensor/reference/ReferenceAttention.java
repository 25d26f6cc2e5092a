package dev.sam2j.tensor.reference;

import static dev.sam2j.tensor.reference.ArrayStorage.get;
import static dev.sam2j.tensor.reference.ArrayStorage.set;

import dev.sam2j.tensor.AttentionSpec;
import dev.sam2j.tensor.Tensor;

/** Attention by its definition: for each query, every score, the softmax, and the weighted sum of the values. */
final class ReferenceAttention {
    /** Stands for a position outside the grid in a list of key rows. */
    private static final int OUTSIDE = -1;

    private final Tensor q;
    private final Tensor k;
    private final Tensor v;
    private final AttentionSpec spec;
    private final Tensor destination;
    private final Tensor logSumExp;
    private final int dk;
    private final int dv;

    /**
     * The attention to be computed.
     *
     * @param logSumExp also receives the logarithm of the sum of powers, unless null
     */
    ReferenceAttention(Tensor q, Tensor k, Tensor v, AttentionSpec spec, Tensor destination, Tensor logSumExp) {
        this.q = q;
        this.k = k;
        this.v = v;
        this.spec = spec;
        this.destination = destination;
        this.logSumExp = logSumExp;
        this.dk = q.cols() / spec.heads();
        this.dv = v.cols() / spec.heads();
    }

    void run() {
        int queries = q.dim(1);
        for (int b = 0; b < q.dim(0); b++) {
            for (int i = 0; i < queries; i++) {
                int[] keys = spec.windows() == null ? allKeys() : windowKeys(spec.windows(), i);
                for (int h = 0; h < spec.heads(); h++) {
                    one(b, b * queries + i, keys, h);
                }
            }
        }
    }

    private void one(int batch, int queryRow, int[] keys, int head) {
        int keyBase = k.dim(0) == 1 ? 0 : batch * k.dim(1);
        int valueBase = v.dim(0) == 1 ? 0 : batch * v.dim(1);
        double[] scores = new double[keys.length];
        double largest = Double.NEGATIVE_INFINITY;
        for (int j = 0; j < keys.length; j++) {
            double dot = 0;
            for (int c = head * dk; c < (head + 1) * dk; c++) {
                double key = keys[j] == OUTSIDE
                        ? ReferenceMath.element(spec.windows().padKey(), c)
                        : get(k, keyBase + keys[j], c);
                dot += get(q, queryRow, c) * key;
            }
            scores[j] = dot * spec.scale();
            largest = Math.max(largest, scores[j]);
        }
        double total = 0;
        for (int j = 0; j < keys.length; j++) {
            scores[j] = Math.exp(scores[j] - largest);
            total += scores[j];
        }
        if (logSumExp != null) {
            set(logSumExp, queryRow, head, largest + Math.log(total));
        }
        for (int c = head * dv; c < (head + 1) * dv; c++) {
            double sum = 0;
            for (int j = 0; j < keys.length; j++) {
                double value = keys[j] == OUTSIDE
                        ? ReferenceMath.element(spec.windows().padValue(), c)
                        : get(v, valueBase + keys[j], c);
                sum += scores[j] * value;
            }
            set(destination, queryRow, c, sum / total);
        }
    }

    private int[] allKeys() {
        int[] keys = new int[k.dim(1)];
        for (int j = 0; j < keys.length; j++) {
            keys[j] = j;
        }
        return keys;
    }

    private static int[] windowKeys(AttentionSpec.Windows w, int query) {
        int queryWidth = w.width() / w.queryStride();
        int querySize = w.size() / w.queryStride();
        int top = query / queryWidth / querySize * w.size();
        int left = query % queryWidth / querySize * w.size();
        int[] keys = new int[w.size() * w.size()];
        int n = 0;
        for (int y = top; y < top + w.size(); y++) {
            for (int x = left; x < left + w.size(); x++) {
                keys[n++] = y < w.height() && x < w.width() ? y * w.width() + x : OUTSIDE;
            }
        }
        return keys;
    }
}
