package dev.sam2j.predictors.image.tiff;

/** Bradford's adaptation of colours from one white to another, as ICC profiles have it. */
final class Bradford {
    private static final double[][] TO_CONES = {
        {0.8951, 0.2664, -0.1614}, {-0.7502, 1.7135, 0.0367}, {0.0389, -0.0685, 1.0296}
    };
    private static final double[][] FROM_CONES = {
        {0.9869929, -0.1470543, 0.1599627}, {0.4323053, 0.5183603, 0.0492912}, {-0.0085287, 0.0400428, 0.9684867}
    };
    private static final double[] D65 = {0.95047, 1, 1.08883};

    private Bradford() {}

    /** CIE XYZ under D65 of a colour that is given under another white. */
    static double[] toD65(double[] white, double x, double y, double z) {
        double[] cones = times(TO_CONES, x, y, z);
        double[] from = times(TO_CONES, white[0], white[1], white[2]);
        double[] to = times(TO_CONES, D65[0], D65[1], D65[2]);
        return times(FROM_CONES, cones[0] * to[0] / from[0], cones[1] * to[1] / from[1], cones[2] * to[2] / from[2]);
    }

    private static double[] times(double[][] matrix, double x, double y, double z) {
        double[] result = new double[3];
        for (int i = 0; i < 3; i++) {
            result[i] = matrix[i][0] * x + matrix[i][1] * y + matrix[i][2] * z;
        }
        return result;
    }
}
