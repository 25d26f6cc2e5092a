package dev.sam2j.samples;

import java.util.Random;

/** Colours of a surface, as a blend of two colours and smooth shading. */
final class Texture {

    /** What patterns there are. */
    enum Kind {
        FLAT,
        NOISE,
        STRIPES,
        CHECKS,
        GRADIENT
    }

    private final Kind kind;
    private final double[] first;
    private final double[] second;
    private final double directionX;
    private final double directionY;
    private final double frequency;
    private final double shading;
    private final long noiseSeed;

    /**
     * Makes a texture.
     *
     * @param first colour, red, green and blue in 0..1
     * @param second colour blended in by the pattern
     * @param frequency cells or stripes per unit length
     */
    Texture(Kind kind, double[] first, double[] second, double frequency, Random random) {
        this.kind = kind;
        this.first = first;
        this.second = second;
        double angle = 2 * Math.PI * random.nextDouble();
        this.directionX = StrictMath.cos(angle);
        this.directionY = StrictMath.sin(angle);
        this.frequency = frequency;
        this.shading = 0.06 + 0.08 * random.nextDouble();
        this.noiseSeed = random.nextLong();
    }

    /** Writes the colour at a point, red, green and blue in about 0..1. */
    void colour(double x, double y, double[] rgb) {
        double u = x * directionX + y * directionY;
        double v = y * directionX - x * directionY;
        double noise = fractalNoise(1.5 * x, 1.5 * y);
        double blend = switch (kind) {
            case FLAT -> 0.15 * noise;
            case NOISE -> fractalNoise(frequency * x, frequency * y);
            case STRIPES -> ramp(StrictMath.sin(2 * Math.PI * frequency * u));
            case CHECKS -> ramp(8 * StrictMath.sin(Math.PI * frequency * u) * StrictMath.sin(Math.PI * frequency * v));
            case GRADIENT -> ramp(u);
        };
        double light = 1 + 2 * shading * (noise - 0.5) - shading * v;
        for (int c = 0; c < 3; c++) {
            rgb[c] = light * (first[c] + blend * (second[c] - first[c]));
        }
    }

    private static double ramp(double t) {
        return Math.max(0, Math.min(1, 0.5 + 0.5 * t));
    }

    private double fractalNoise(double x, double y) {
        return 0.55 * noise(x, y, 0) + 0.3 * noise(2.1 * x, 2.1 * y, 1) + 0.15 * noise(4.3 * x, 4.3 * y, 2);
    }

    /** Value noise in 0..1: random values on the integer grid, smoothly interpolated. */
    private double noise(double x, double y, int octave) {
        long column = (long) Math.floor(x);
        long row = (long) Math.floor(y);
        double fx = smooth(x - column);
        double fy = smooth(y - row);
        long seed = noiseSeed + octave;
        double top = lattice(seed, column, row) * (1 - fx) + lattice(seed, column + 1, row) * fx;
        double bottom = lattice(seed, column, row + 1) * (1 - fx) + lattice(seed, column + 1, row + 1) * fx;
        return top * (1 - fy) + bottom * fy;
    }

    private static double smooth(double t) {
        return t * t * (3 - 2 * t);
    }

    /** Returns a random value in [0, 1) that depends only on the arguments. */
    static double lattice(long seed, long column, long row) {
        long z = seed * 0x9E3779B97F4A7C15L + column * 0xC2B2AE3D27D4EB4FL + row * 0x165667B19E3779F9L;
        z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        return ((z ^ z >>> 31) >>> 11) * 0x1p-53;
    }
}
