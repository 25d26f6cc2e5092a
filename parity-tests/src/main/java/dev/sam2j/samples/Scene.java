package dev.sam2j.samples;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * A procedural scene: a soft background and textured objects, later ones in front. The same seed gives the same
 * scene on every machine: {@link Random} is specified bit by bit, and only exactly specified arithmetic is used.
 *
 * @param width pixels
 * @param height pixels
 * @param background surface behind the objects
 * @param objects back to front
 * @param grain amplitude of the pixel noise, in levels of 255
 * @param seed seed of the grain
 */
record Scene(int width, int height, Texture background, List<SceneObject> objects, double grain, long seed) {

    /**
     * Makes a random scene.
     *
     * @param seed the scene's number
     * @param width pixels
     * @param height pixels
     * @param kinds shape of each object, back to front; the centres are spread over the picture
     * @param grain amplitude of the pixel noise, in levels of 255
     */
    static Scene random(long seed, int width, int height, List<Outline.Kind> kinds, double grain) {
        Random random = new Random(seed * 0x9E3779B97F4A7C15L); // spreads small seeds
        double side = Math.min(width, height);
        double hue = random.nextDouble();
        double light = 0.35 + 0.35 * random.nextDouble();
        Texture background = new Texture(
                pick(random, Texture.Kind.NOISE, Texture.Kind.CHECKS, Texture.Kind.GRADIENT),
                hsv(hue, 0.45, light),
                hsv(hue + 0.06, 0.5, 0.8 * light),
                1.5 + 2 * random.nextDouble(),
                random);
        List<SceneObject> objects = new ArrayList<>();
        int columns = (int) Math.ceil(Math.sqrt(kinds.size() * (double) width / height));
        int rows = (kinds.size() + columns - 1) / columns;
        List<Integer> cells = shuffled(columns * rows, random);
        for (int i = 0; i < kinds.size(); i++) {
            double cellX = (cells.get(i) % columns + 0.5 + 0.3 * (random.nextDouble() - 0.5)) / columns;
            double cellY = (cells.get(i) / columns + 0.5 + 0.3 * (random.nextDouble() - 0.5)) / rows;
            double radius = side * Math.sqrt(3.0 / kinds.size()) * (0.19 + 0.1 * random.nextDouble());
            double objectHue = hue + (i + 1.0) / (kinds.size() + 1) + 0.05 * random.nextDouble();
            objects.add(object(kinds.get(i), objectHue, cellX * width, cellY * height, radius, random));
        }
        return new Scene(width, height, background, List.copyOf(objects), grain, seed);
    }

    private static SceneObject object(Outline.Kind kind, double hue, double x, double y, double radius, Random random) {
        double value = 0.7 + 0.3 * random.nextDouble();
        double saturation = 0.6 + 0.35 * random.nextDouble();
        Texture texture = new Texture(
                pick(random, Texture.Kind.values()),
                hsv(hue, saturation, value),
                hsv(hue + 0.07, 0.8 * saturation, 0.75 * value),
                1.5 + 1.5 * random.nextDouble(),
                random);
        List<SceneObject> parts = new ArrayList<>();
        for (int i = random.nextInt(3); i > 0; i--) {
            double partHue = hue + 0.3 + 0.4 * random.nextDouble();
            Texture.Kind flat = pick(random, Texture.Kind.FLAT, Texture.Kind.GRADIENT, Texture.Kind.NOISE);
            Texture surface = new Texture(flat, hsv(partHue, 0.7, 0.75), hsv(partHue, 0.6, 0.55), 2, random);
            Outline.Kind shape = pick(random, Outline.Kind.BLOB, Outline.Kind.ELLIPSE, Outline.Kind.POLYGON);
            parts.add(still(
                    "part",
                    Outline.random(shape, random),
                    surface,
                    0.8 * random.nextDouble() - 0.4,
                    0.8 * random.nextDouble() - 0.4,
                    0.14 + 0.12 * random.nextDouble(),
                    random));
        }
        SceneObject still = still(
                kind.name().toLowerCase(Locale.ROOT), Outline.random(kind, random), texture, x, y, radius, random);
        double aspect = kind == Outline.Kind.GEAR ? 1 : still.aspect();
        return new SceneObject(
                still.name(),
                still.outline(),
                texture,
                List.copyOf(parts),
                x,
                y,
                radius,
                aspect,
                still.angle(),
                0.08 * radius * (random.nextDouble() - 0.5),
                0.08 * radius * (random.nextDouble() - 0.5),
                0.06 * (random.nextDouble() - 0.5),
                1 + 0.01 * (random.nextDouble() - 0.5));
    }

    private static SceneObject still(
            String name, Outline outline, Texture texture, double x, double y, double radius, Random random) {
        return new SceneObject(
                name,
                outline,
                texture,
                List.of(),
                x,
                y,
                radius,
                0.65 + 0.35 * random.nextDouble(),
                2 * Math.PI * random.nextDouble(),
                0,
                0,
                0,
                1);
    }

    @SafeVarargs
    private static <T> T pick(Random random, T... choices) {
        return choices[random.nextInt(choices.length)];
    }

    private static List<Integer> shuffled(int count, Random random) {
        List<Integer> numbers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            numbers.add(random.nextInt(i + 1), i);
        }
        return numbers;
    }

    /** Returns red, green and blue in 0..1; the hue wraps at 1. */
    private static double[] hsv(double hue, double saturation, double value) {
        double[] rgb = new double[3];
        for (int c = 0; c < 3; c++) {
            double h = 6 * (hue - Math.floor(hue)) + (c == 0 ? 5 : c == 1 ? 3 : 1);
            double k = h % 6;
            rgb[c] = value * (1 - saturation * Math.max(0, Math.min(1, Math.min(k, 4 - k))));
        }
        return rgb;
    }
}
