package dev.sam2j.cli.vos;

import dev.sam2j.predictors.mask.Mask;

/**
 * How well a mask fits the true one: region similarity J and contour accuracy F of Perazzi et al., "A Benchmark Dataset
 * and Evaluation Methodology for Video Object Segmentation" (CVPR 2016), computed as the SA-V evaluation does.
 *
 * @param region intersection over union, 1 if both masks are empty
 * @param contour harmonic mean of precision and recall of the boundary pixels, with a tolerance of 0.8 % of the
 *     diagonal
 */
record MaskScores(double region, double contour) {
    private static final double TOLERANCE = 0.008;

    /** Scores of a mask against the truth, of the same size. */
    static MaskScores of(Mask found, Mask truth) {
        return new MaskScores(found.iou(truth), contour(found, truth));
    }

    private static double contour(Mask found, Mask truth) {
        int width = truth.width();
        int height = truth.height();
        byte[] foundEdge = boundary(found);
        byte[] trueEdge = boundary(truth);
        long foundCount = common(foundEdge, foundEdge);
        long trueCount = common(trueEdge, trueEdge);
        if (foundCount == 0 || trueCount == 0) {
            return foundCount == trueCount ? 1 : 0;
        }
        int radius = (int) Math.ceil(TOLERANCE * Math.sqrt((double) width * width + (double) height * height));
        double precision = (double) common(foundEdge, dilated(trueEdge, width, height, radius)) / foundCount;
        double recall = (double) common(trueEdge, dilated(foundEdge, width, height, radius)) / trueCount;
        return precision + recall == 0 ? 0 : 2 * precision * recall / (precision + recall);
    }

    /** Pixels that differ from their right, lower or lower right neighbour, as far as there is one. */
    static byte[] boundary(Mask mask) {
        int width = mask.width();
        int height = mask.height();
        byte[] pixels = mask.toBytes(1);
        byte[] edge = new byte[pixels.length];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int i = y * width + x;
                int right = x + 1 < width ? 1 : 0;
                int below = y + 1 < height ? width : 0;
                int differs = pixels[i] ^ pixels[i + right] | pixels[i] ^ pixels[i + below];
                edge[i] = (byte) (differs | pixels[i] ^ pixels[i + right + below]);
            }
        }
        return edge;
    }

    /** All pixels at most {@code radius} from one that is set. */
    static byte[] dilated(byte[] set, int width, int height, int radius) {
        int[] half = new int[radius + 1];
        for (int dy = 0; dy <= radius; dy++) {
            half[dy] = (int) Math.sqrt((double) radius * radius - (double) dy * dy);
        }
        // A disk adds a run to each row: +1 where it begins, -1 behind its end.
        int[] changes = new int[(width + 1) * height];
        for (int i = 0; i < set.length; i++) {
            if (set[i] != 0) {
                int x = i % width;
                int y = i / width;
                for (int row = Math.max(0, y - radius); row <= Math.min(height - 1, y + radius); row++) {
                    int reach = half[Math.abs(row - y)];
                    changes[row * (width + 1) + Math.max(0, x - reach)]++;
                    changes[row * (width + 1) + Math.min(width, x + reach + 1)]--;
                }
            }
        }
        byte[] wide = new byte[set.length];
        for (int y = 0; y < height; y++) {
            int runs = 0;
            for (int x = 0; x < width; x++) {
                runs += changes[y * (width + 1) + x];
                wide[y * width + x] = (byte) (runs > 0 ? 1 : 0);
            }
        }
        return wide;
    }

    /** Pixels that are set in both. */
    private static long common(byte[] a, byte[] b) {
        long count = 0;
        for (int i = 0; i < a.length; i++) {
            count += a[i] & b[i];
        }
        return count;
    }
}
