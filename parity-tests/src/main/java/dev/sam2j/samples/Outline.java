package dev.sam2j.samples;

import java.util.Random;

/** A filled shape around the origin that fits into a circle of radius about 1. */
interface Outline {

    /** Returns whether the point belongs to the shape. */
    boolean contains(double x, double y);

    /** Makes a shape of the given kind with random proportions. */
    static Outline random(Kind kind, Random random) {
        return switch (kind) {
            case BLOB -> blob(random);
            case ELLIPSE -> (x, y) -> x * x + y * y <= 1;
            case BOX -> roundedBox(0.78, 0.55 + 0.23 * random.nextDouble(), 0.05 + 0.3 * random.nextDouble());
            case POLYGON -> polygon(random);
            case STAR -> star(random);
            case GEAR -> gear(random);
        };
    }

    /** What shapes there are. */
    enum Kind {
        BLOB,
        ELLIPSE,
        BOX,
        POLYGON,
        STAR,
        GEAR
    }

    private static Outline blob(Random random) {
        double[] amplitude = new double[4];
        double[] phase = new double[4];
        for (int k = 0; k < 4; k++) {
            amplitude[k] = (0.24 - 0.05 * k) * random.nextDouble();
            phase[k] = 2 * Math.PI * random.nextDouble();
        }
        return (x, y) -> {
            double angle = StrictMath.atan2(y, x);
            double radius = 0.8;
            for (int k = 0; k < 4; k++) {
                radius += amplitude[k] * StrictMath.cos((k + 2) * angle + phase[k]);
            }
            return x * x + y * y <= radius * radius;
        };
    }

    private static Outline roundedBox(double halfWidth, double halfHeight, double corner) {
        return (x, y) -> {
            double dx = Math.max(Math.abs(x) - halfWidth + corner, 0);
            double dy = Math.max(Math.abs(y) - halfHeight + corner, 0);
            return dx * dx + dy * dy <= corner * corner;
        };
    }

    private static Outline polygon(Random random) {
        int corners = 5 + random.nextInt(3);
        double[] xs = new double[corners];
        double[] ys = new double[corners];
        for (int i = 0; i < corners; i++) {
            double angle = 2 * Math.PI * (i + 0.5 * random.nextDouble()) / corners;
            double radius = 0.85 + 0.15 * random.nextDouble();
            xs[i] = radius * StrictMath.cos(angle);
            ys[i] = radius * StrictMath.sin(angle);
        }
        return inside(xs, ys);
    }

    private static Outline star(Random random) {
        int points = 5 + random.nextInt(4);
        double inner = 0.45 + 0.2 * random.nextDouble();
        double[] xs = new double[2 * points];
        double[] ys = new double[2 * points];
        for (int i = 0; i < 2 * points; i++) {
            double radius = i % 2 == 0 ? 1 : inner;
            xs[i] = radius * StrictMath.cos(Math.PI * i / points);
            ys[i] = radius * StrictMath.sin(Math.PI * i / points);
        }
        return inside(xs, ys);
    }

    /** Teeth with sloping flanks on a disc. */
    private static Outline gear(Random random) {
        int teeth = 8 + random.nextInt(6);
        return (x, y) -> {
            double wave = StrictMath.sin(teeth * StrictMath.atan2(y, x));
            double radius = 0.86 + 0.12 * Math.max(-1, Math.min(1, 2.5 * wave));
            return x * x + y * y <= radius * radius;
        };
    }

    /** Even-odd rule. */
    private static Outline inside(double[] xs, double[] ys) {
        return (x, y) -> {
            boolean in = false;
            for (int i = 0, j = xs.length - 1; i < xs.length; j = i++) {
                if (ys[i] > y != ys[j] > y && x < (xs[j] - xs[i]) * (y - ys[i]) / (ys[j] - ys[i]) + xs[i]) {
                    in = !in;
                }
            }
            return in;
        };
    }
}
