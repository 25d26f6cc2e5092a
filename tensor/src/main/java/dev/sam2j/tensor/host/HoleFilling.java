package dev.sam2j.tensor.host;

import java.util.Arrays;

/**
 * Filling of small holes in maps of logits. Rows are cut into runs of pixels at or below 0, runs that touch in
 * neighbouring rows are joined by union-find.
 */
public final class HoleFilling {
    private int[] starts = new int[64];
    private int[] ends = new int[64];
    private int[] parents = new int[64];
    private int count;

    private HoleFilling() {}

    /**
     * Components of logits at or below 0 that touch by sides or corners and have at most {@code maxArea} pixels become
     * {@code value}. NaN belongs to none.
     *
     * @param logits changed in place, row-major from {@code offset} on
     * @param maxArea in pixels; 0 fills nothing
     */
    public static void run(float[] logits, int offset, int height, int width, int maxArea, float value) {
        if (maxArea > 0) {
            HoleFilling holes = new HoleFilling();
            holes.findRuns(logits, offset, height, width);
            holes.fill(logits, maxArea, value);
        }
    }

    private void findRuns(float[] logits, int offset, int height, int width) {
        int previous = 0; // first run of the row above that can still touch
        for (int y = 0; y < height; y++) {
            int rowFirst = count;
            int rowEnd = offset + (y + 1) * width;
            int at = rowEnd - width;
            while (at < rowEnd) {
                if (!(logits[at] <= 0)) {
                    at++;
                    continue;
                }
                int start = at;
                while (at < rowEnd && logits[at] <= 0) {
                    at++;
                }
                int run = add(start, at);
                while (previous < rowFirst && ends[previous] < start - width) {
                    previous++;
                }
                for (int above = previous; above < rowFirst && starts[above] <= at - width; above++) {
                    join(above, run);
                }
            }
            previous = rowFirst;
        }
    }

    private int add(int start, int end) {
        if (count == starts.length) {
            starts = Arrays.copyOf(starts, 2 * count);
            ends = Arrays.copyOf(ends, 2 * count);
            parents = Arrays.copyOf(parents, 2 * count);
        }
        starts[count] = start;
        ends[count] = end;
        parents[count] = count;
        return count++;
    }

    /** The smallest run of a component is its root. */
    private void join(int a, int b) {
        int rootA = find(a);
        int rootB = find(b);
        parents[Math.max(rootA, rootB)] = Math.min(rootA, rootB);
    }

    private int find(int run) {
        int at = run;
        while (parents[at] != at) {
            parents[at] = parents[parents[at]];
            at = parents[at];
        }
        return at;
    }

    private void fill(float[] logits, int maxArea, float value) {
        int[] areas = new int[count];
        for (int run = 0; run < count; run++) {
            areas[find(run)] += ends[run] - starts[run];
        }
        for (int run = 0; run < count; run++) {
            if (areas[find(run)] <= maxArea) {
                Arrays.fill(logits, starts[run], ends[run], value);
            }
        }
    }
}
