package dev.sam2j.predictors.mask.regions;

import dev.sam2j.predictors.mask.Mask;
import java.util.Arrays;

/**
 * Connected components of a mask. Rows are cut into runs of set pixels, runs that touch in neighbouring rows are
 * joined by union-find; the cost is that of the words of the mask plus its runs. Components are numbered from 0 in
 * raster order of their first pixels.
 */
public final class ConnectedComponents {
    private final Mask mask;
    /** First pixel index of each run, ascending; the index after the last pixel; the component. */
    private final int[] starts;

    private final int[] ends;
    private final int[] components;
    private final int[] areas;

    private ConnectedComponents(Mask mask, int[] starts, int[] ends, int[] parents) {
        this.mask = mask;
        this.starts = starts;
        this.ends = ends;
        this.components = new int[starts.length];
        int[] sizes = new int[starts.length];
        int number = 0;
        for (int run = 0; run < starts.length; run++) {
            int root = find(parents, run);
            components[run] = root == run ? number++ : components[root];
            sizes[components[run]] += ends[run] - starts[run];
        }
        this.areas = Arrays.copyOf(sizes, number);
    }

    /** Components whose pixels touch by sides or corners (8-connectivity). */
    public static ConnectedComponents of(Mask mask) {
        return label(mask, 1);
    }

    /** Components whose pixels touch by sides (4-connectivity). */
    public static ConnectedComponents ofSides(Mask mask) {
        return label(mask, 0);
    }

    /** Joins runs of neighbouring rows that overlap, or that are at most {@code reach} columns from overlapping. */
    private static ConnectedComponents label(Mask mask, int reach) {
        int width = mask.width();
        long[] bits = mask.toBits();
        int[] starts = new int[64];
        int[] ends = new int[64];
        int[] parents = new int[64];
        int count = 0;
        int previous = 0; // first run of the row above that can still touch
        for (int y = 0; y < mask.height(); y++) {
            int rowEnd = (y + 1) * width;
            int rowFirst = count;
            int start = Bits.nextSet(bits, y * width, rowEnd);
            while (start < rowEnd) {
                int end = Bits.nextClear(bits, start, rowEnd);
                if (count == starts.length) {
                    starts = Arrays.copyOf(starts, 2 * count);
                    ends = Arrays.copyOf(ends, 2 * count);
                    parents = Arrays.copyOf(parents, 2 * count);
                }
                starts[count] = start;
                ends[count] = end;
                parents[count] = count;
                int from = start - width - reach;
                int to = end - width + reach;
                while (previous < rowFirst && ends[previous] <= from) {
                    previous++;
                }
                for (int above = previous; above < rowFirst && starts[above] < to; above++) {
                    join(parents, above, count);
                }
                count++;
                start = Bits.nextSet(bits, end, rowEnd);
            }
            previous = rowFirst;
        }
        return new ConnectedComponents(mask, Arrays.copyOf(starts, count), Arrays.copyOf(ends, count), parents);
    }

    /** The smallest run of a component is its root, so that numbers follow raster order. */
    private static void join(int[] parents, int a, int b) {
        int rootA = find(parents, a);
        int rootB = find(parents, b);
        parents[Math.max(rootA, rootB)] = Math.min(rootA, rootB);
    }

    private static int find(int[] parents, int run) {
        int at = run;
        while (parents[at] != at) {
            parents[at] = parents[parents[at]];
            at = parents[at];
        }
        return at;
    }

    /** Number of components. */
    public int count() {
        return areas.length;
    }

    /** Number of pixels of a component. */
    public int area(int component) {
        return areas[component];
    }

    /** The component of a pixel, or -1 where the mask is not set. */
    public int at(int x, int y) {
        if (!mask.get(x, y)) {
            return -1;
        }
        int run = Arrays.binarySearch(starts, y * mask.width() + x);
        return components[run >= 0 ? run : -run - 2];
    }

    /** For each pixel, row-major, its component plus 1, or 0 where the mask is not set. */
    public int[] toLabels() {
        int[] labels = new int[mask.width() * mask.height()];
        for (int run = 0; run < starts.length; run++) {
            Arrays.fill(labels, starts[run], ends[run], components[run] + 1);
        }
        return labels;
    }

    /** One component as a mask. */
    public Mask component(int component) {
        boolean[] chosen = new boolean[areas.length];
        chosen[component] = true;
        return select(chosen);
    }

    /** All pixels of the components with at most {@code area} pixels. */
    public Mask upTo(int area) {
        boolean[] chosen = new boolean[areas.length];
        for (int i = 0; i < chosen.length; i++) {
            chosen[i] = areas[i] <= area;
        }
        return select(chosen);
    }

    /** All pixels of the chosen components. */
    private Mask select(boolean[] chosen) {
        long[] bits = new long[mask.toBits().length];
        for (int run = 0; run < starts.length; run++) {
            if (chosen[components[run]]) {
                Bits.set(bits, starts[run], ends[run]);
            }
        }
        return Mask.owning(mask.width(), mask.height(), bits);
    }
}
