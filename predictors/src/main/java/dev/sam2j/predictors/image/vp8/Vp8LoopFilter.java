package dev.sam2j.predictors.image.vp8;

/** Smooths the edges of VP8's blocks (RFC 6386, section 15). */
final class Vp8LoopFilter {
    private final byte[] samples;
    /** From one pixel to the next across the edge. */
    private final int across;
    /** From one pixel to the next along the edge. */
    private final int along;

    private final int length;
    private final int inner;
    private final int hevThreshold;

    private Vp8LoopFilter(Vp8Frame.Plane plane, boolean vertical, int length, int inner, int hevThreshold) {
        this.samples = plane.samples;
        this.across = vertical ? 1 : plane.stride;
        this.along = vertical ? plane.stride : 1;
        this.length = length;
        this.inner = inner;
        this.hevThreshold = hevThreshold;
    }

    /**
     * Filters a frame.
     *
     * @param levels for each macroblock its level, negative where edges inside are left alone
     */
    static void apply(Vp8Frame.Plane[] planes, byte[] levels, int columns, Vp8Header header) {
        for (int i = 0; i < levels.length; i++) {
            int level = Math.abs(levels[i]);
            if (level > 0) {
                boolean inside = levels[i] > 0;
                macroblock(planes, i % columns, i / columns, level, inside, header);
            }
        }
    }

    private static void macroblock(Vp8Frame.Plane[] planes, int x, int y, int level, boolean inside, Vp8Header header) {
        int inner = level;
        if (header.sharpness > 0) {
            inner = Math.min(level >> (header.sharpness > 4 ? 2 : 1), 9 - header.sharpness);
        }
        inner = Math.max(1, inner);
        int limit = 2 * level + inner;
        int hev = level >= 40 ? 2 : level >= 15 ? 1 : 0;
        for (boolean vertical : new boolean[] {true, false}) {
            for (int p = 0; p < (header.simpleFilter ? 1 : 3); p++) {
                int size = p == 0 ? 16 : 8;
                Vp8LoopFilter filter = new Vp8LoopFilter(planes[p], vertical, size, inner, hev);
                int at = planes[p].at(size * x, size * y);
                if ((vertical ? x : y) > 0) {
                    filter.edge(at, limit + 4, true, header.simpleFilter);
                }
                for (int step = 4; inside && step < size; step += 4) {
                    filter.edge(at + step * filter.across, limit, false, header.simpleFilter);
                }
            }
        }
    }

    private void edge(int start, int limit, boolean outer, boolean simple) {
        for (int i = 0, at = start; i < length; i++, at += along) {
            if (simple) {
                if (isWithin(at, limit)) {
                    two(at, true);
                }
            } else if (isWithin(at, limit) && isSmooth(at)) {
                if (isHigh(at)) {
                    two(at, true);
                } else if (outer) {
                    six(at);
                } else {
                    four(at);
                }
            }
        }
    }

    private int sample(int at, int offset) {
        return samples[at + offset * across] & 255;
    }

    private int step(int at, int offset) {
        return Math.abs(sample(at, offset) - sample(at, offset + 1));
    }

    private boolean isWithin(int at, int limit) {
        return 4 * step(at, -1) + Math.abs(sample(at, -2) - sample(at, 1)) <= 2 * limit + 1;
    }

    private boolean isSmooth(int at) {
        return step(at, -4) <= inner
                && step(at, -3) <= inner
                && step(at, -2) <= inner
                && step(at, 0) <= inner
                && step(at, 1) <= inner
                && step(at, 2) <= inner;
    }

    private boolean isHigh(int at) {
        return step(at, -2) > hevThreshold || step(at, 0) > hevThreshold;
    }

    private void add(int at, int offset, int value) {
        samples[at + offset * across] = Vp8Frame.clip(sample(at, offset) + value);
    }

    /** Changes one pixel on each side; returns by how much the one behind the edge, rounded up. */
    private int two(int at, boolean outerTaps) {
        int taps = outerTaps ? signed(sample(at, -2) - sample(at, 1)) : 0;
        int a = 3 * (sample(at, 0) - sample(at, -1)) + taps;
        int behind = limited(a + 4 >> 3);
        add(at, -1, limited(a + 3 >> 3));
        add(at, 0, -behind);
        return behind;
    }

    private void four(int at) {
        int half = two(at, false) + 1 >> 1;
        add(at, -2, half);
        add(at, 1, -half);
    }

    private void six(int at) {
        int a = signed(3 * (sample(at, 0) - sample(at, -1)) + signed(sample(at, -2) - sample(at, 1)));
        for (int distance = 0; distance < 3; distance++) {
            int change = (27 - 9 * distance) * a + 63 >> 7;
            add(at, -1 - distance, change);
            add(at, distance, -change);
        }
    }

    private static int signed(int value) {
        return Math.max(-128, Math.min(127, value));
    }

    private static int limited(int value) {
        return Math.max(-16, Math.min(15, value));
    }
}
