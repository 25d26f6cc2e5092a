package dev.sam2j.predictors.mask.pixels;

import java.util.Arrays;

/** What the pixels of a picture have in common. */
final class PixelSurvey {
    /** As many levels as hard masks and pictures of some object numbers have at most; soft masks have more. */
    static final int FEW = 16;

    /** Chroma above which a pixel has a colour; lossy formats give some to grey pixels. */
    private static final int COLOURED = 48;

    /** How far one colour may vary in lossy formats. */
    private static final int NOISE = 16;

    private final double[] levels = new double[FEW];
    /** Number of different levels, {@link #FEW} + 1 if they are more than few. */
    int distinct;
    /** Smallest level. */
    double least = Double.POSITIVE_INFINITY;
    /** Largest level. */
    double most = Double.NEGATIVE_INFINITY;

    private boolean numbers = true;
    /** Whether a level is not a whole number. */
    boolean fractions;
    /** Whether there are colours besides grey ones. */
    boolean coloured;
    /** Whether all colours are labels of {@link VocPalette}. */
    boolean voc = true;
    /** Whether all pixels have one colour. */
    boolean oneColour = true;

    private int firstColour;
    private int leastAlpha = 255;
    private int mostAlpha;
    private final int[] leastSeen = {255, 255, 255};
    private final int[] mostSeen = new int[3];

    /** Looks at all pixels. */
    PixelSurvey(PixelRows rows) {
        for (int y = 0; y < rows.height(); y++) {
            rows.read(y);
            for (int x = 0; x < rows.width(); x++) {
                if (x + y == 0) {
                    firstColour = rows.colours[x];
                }
                if (x == 0 || rows.levels[x] != rows.levels[x - 1]) {
                    addLevel(rows.levels[x]);
                }
                if (x == 0 || rows.colours[x] != rows.colours[x - 1]) {
                    addColour(rows.colours[x]);
                }
            }
        }
    }

    private void addLevel(double level) {
        numbers &= Double.isFinite(level);
        fractions |= level != Math.rint(level);
        least = Math.min(least, level);
        most = Math.max(most, level);
        for (int i = 0; i < Math.min(distinct, FEW); i++) {
            if (levels[i] == level) {
                return;
            }
        }
        if (distinct < FEW) {
            levels[distinct] = level;
        }
        distinct = Math.min(distinct + 1, FEW + 1);
    }

    private void addColour(int colour) {
        int alpha = colour >>> 24;
        leastAlpha = Math.min(leastAlpha, alpha);
        mostAlpha = Math.max(mostAlpha, alpha);
        oneColour &= (colour & 0xFFFFFF) == (firstColour & 0xFFFFFF);
        coloured |= PixelRows.chroma(colour) > COLOURED;
        voc = voc && VocPalette.label(colour & 0xFFFFFF) >= 0;
        for (int c = 0; c < 3 && alpha >= PixelRows.OPAQUE; c++) {
            int part = colour >> 8 * c & 255;
            leastSeen[c] = Math.min(leastSeen[c], part);
            mostSeen[c] = Math.max(mostSeen[c], part);
        }
    }

    /** The different levels if they are few, ascending. */
    double[] levels() {
        double[] sorted = Arrays.copyOf(levels, Math.min(distinct, FEW));
        Arrays.sort(sorted);
        return sorted;
    }

    /** Whether all levels are finite and none is negative. */
    boolean isLight() {
        return numbers && least >= 0;
    }

    /** Whether some pixels are more transparent than others, to either side of half. */
    boolean hasTransparency() {
        return leastAlpha < PixelRows.OPAQUE && mostAlpha >= PixelRows.OPAQUE;
    }

    /** Whether all pixels that are not transparent have nearly one colour. */
    boolean isOneSeenColour() {
        boolean one = true;
        for (int c = 0; c < 3; c++) {
            one &= mostSeen[c] - leastSeen[c] <= NOISE;
        }
        return one;
    }

    /**
     * How the pixels of some levels lie.
     *
     * @param share of the pixels that are lighter than the lowest of these levels, how many have one of them
     * @param flat share of them whose left and upper neighbours have the same level: edges of soft masks have few,
     *     areas of object numbers are nearly nothing else
     * @param hard share of the borders between left neighbours one of which has such a level that are steps of more
     *     than a quarter of the largest level: areas of posterised soft masks have few
     */
    record Middle(double share, double flat, double hard) {
        /** Whether these levels make areas with hard borders, as object numbers do. */
        boolean isAreas() {
            return flat > 0.5 && hard > 0.5;
        }
    }

    /** Looks at the pixels of the levels that are more than {@code from} and less than {@code to}. */
    Middle between(PixelRows rows, double from, double to) {
        double[] above = new double[rows.width()];
        Arrays.fill(above, Double.NaN);
        long lighter = 0;
        long inside = 0;
        long flat = 0;
        long borders = 0;
        long hard = 0;
        for (int y = 0; y < rows.height(); y++) {
            rows.read(y);
            for (int x = 0; x < rows.width(); x++) {
                double level = rows.levels[x];
                double left = x == 0 ? level : rows.levels[x - 1];
                boolean in = level > from && level < to;
                lighter += level > from ? 1 : 0;
                inside += in ? 1 : 0;
                flat += in && x > 0 && level == left && level == above[x] ? 1 : 0;
                if (level != left && (in || left > from && left < to)) {
                    borders++;
                    hard += Math.abs(level - left) > most / 4 ? 1 : 0;
                }
            }
            System.arraycopy(rows.levels, 0, above, 0, above.length);
        }
        return new Middle(share(inside, lighter), share(flat, inside), share(hard, borders));
    }

    private static double share(long part, long whole) {
        return whole == 0 ? 0 : (double) part / whole;
    }
}
