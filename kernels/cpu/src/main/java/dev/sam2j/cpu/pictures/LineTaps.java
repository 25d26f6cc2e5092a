package dev.sam2j.cpu.pictures;

/**
 * The taps of {@code Interpolation.BILINEAR} along one axis, first and second apart: position i is
 * {@code firstWeight[i] x[first[i]] + secondWeight[i] x[second[i]]}.
 *
 * @param first source of the first tap of each position, which never decreases
 * @param second source of the second tap: the next one, or the same at the end
 * @param firstWeight weight of the first tap
 * @param secondWeight weight of the second tap
 */
public record LineTaps(int[] first, int[] second, float[] firstWeight, float[] secondWeight) {
    /** Taps from {@code in} values to {@code out}. */
    public static LineTaps bilinear(int in, int out) {
        ResampleTaps taps = ResampleTaps.bilinear(in, out);
        LineTaps result = new LineTaps(new int[out], new int[out], new float[out], new float[out]);
        for (int i = 0; i < out; i++) {
            result.first[i] = taps.source[2 * i];
            result.second[i] = taps.source[2 * i + 1];
            result.firstWeight[i] = taps.weight[2 * i];
            result.secondWeight[i] = taps.weight[2 * i + 1];
        }
        return result;
    }

    /** Number of positions. */
    public int size() {
        return first.length;
    }

    /** Positions {@code from} to {@code from + n - 1} of a line that begins at {@code atX}, to the same ones of out. */
    public void stretch(PictureKernels loops, float[] x, int atX, float[] out, int from, int n) {
        loops.twoTaps(x, atX, first, second, firstWeight, secondWeight, from, out, from, n);
    }

    /** The adjoint of stretching a line of {@code in} values. */
    public Adjoint adjoint(int in) {
        Adjoint adjoint = new Adjoint(new int[in], new int[in + 1], new float[2 * size()]);
        int position = 0;
        for (int source = 0; source < in; source++) {
            while (position < size() && second[position] < source) {
                position++;
            }
            adjoint.position[source] = position;
            int at = adjoint.start[source];
            for (int i = position; i < size() && first[i] <= source; i++) {
                adjoint.weight[at++] =
                        (first[i] == source ? firstWeight[i] : 0) + (second[i] == source ? secondWeight[i] : 0);
            }
            adjoint.start[source + 1] = at;
        }
        return adjoint;
    }

    /**
     * Sums over the positions that each source has a part in; they are adjacent.
     *
     * @param position first position of each source
     * @param start index of each source's first weight, and of the end
     * @param weight weights of the positions, source after source
     */
    public record Adjoint(int[] position, int[] start, float[] weight) {
        /** Adds to the sources, {@code out}, what comes from positions {@code x}. */
        public void add(float[] x, int atX, float[] out, int atOut) {
            for (int source = 0; source < position.length; source++) {
                int at = atX + position[source] - start[source];
                float sum = 0;
                for (int i = start[source]; i < start[source + 1]; i++) {
                    sum += weight[i] * x[at + i];
                }
                out[atOut + source] += sum;
            }
        }
    }
}
