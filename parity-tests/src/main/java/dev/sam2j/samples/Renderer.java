package dev.sam2j.samples;

import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Paints a scene: supersampled edges, soft shadows, a slight blur, grain. Plain arithmetic, no AWT drawing. */
final class Renderer {

    private static final int SAMPLES = 4;

    private final Scene scene;
    private final int frame;
    private final int width;
    private final int height;
    private final double[] rgb;
    private final double[] colour = new double[3];

    private Renderer(Scene scene, int frame) {
        this.scene = scene;
        this.frame = frame;
        this.width = scene.width();
        this.height = scene.height();
        this.rgb = new double[3 * width * height];
    }

    /** Renders frame {@code frame} (0 is the scene as made, later ones follow the motions). */
    static Frame render(Scene scene, int frame) {
        return new Renderer(scene, frame).render();
    }

    private Frame render() {
        paintBackground();
        List<double[]> seen = new ArrayList<>();
        List<String> names = new ArrayList<>();
        for (SceneObject object : scene.objects()) {
            double[] toOwn = object.toOwn(frame);
            double[] coverage = coverage(object.outline(), toOwn);
            shade(coverage, object.radius());
            paint(object, toOwn, coverage);
            for (double[] behind : seen) {
                for (int i = 0; i < behind.length; i++) {
                    behind[i] *= 1 - coverage[i];
                }
            }
            seen.add(coverage);
            names.add(object.name());
        }
        List<boolean[]> masks = new ArrayList<>();
        for (double[] part : seen) {
            boolean[] mask = new boolean[part.length];
            for (int i = 0; i < mask.length; i++) {
                mask[i] = part[i] >= 0.5;
            }
            masks.add(mask);
        }
        return new Frame(finish(), names, masks);
    }

    private void paintBackground() {
        double half = Math.min(width, height) / 2.0;
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                scene.background().colour((x + 0.5 - width / 2.0) / half, (y + 0.5 - height / 2.0) / half, colour);
                System.arraycopy(colour, 0, rgb, 3 * (y * width + x), 3);
            }
        }
    }

    /** Returns the share of each pixel inside the outline, 0..1. */
    private double[] coverage(Outline outline, double[] m) {
        double[] share = new double[width * height];
        for (int i = 0; i < share.length; i++) {
            int hits = 0;
            for (int s = 0; s < SAMPLES * SAMPLES; s++) {
                double x = i % width + (s % SAMPLES + 0.5) / SAMPLES;
                double y = i / width + (s / SAMPLES + 0.5) / SAMPLES;
                double u = m[0] * x + m[1] * y + m[2];
                double v = m[3] * x + m[4] * y + m[5];
                if (s == 0 && u * u + v * v > 4) {
                    break; // outlines reach about 1.4 at most, so this pixel is far outside
                }
                hits += outline.contains(u, v) ? 1 : 0;
            }
            share[i] = hits / (double) (SAMPLES * SAMPLES);
        }
        return share;
    }

    /** Darkens what lies below and to the right of an object. */
    private void shade(double[] coverage, double radius) {
        int offset = (int) Math.max(1, Math.round(0.07 * radius));
        double[] shadow = new double[coverage.length];
        for (int y = offset; y < height; y++) {
            System.arraycopy(coverage, (y - offset) * width, shadow, y * width + offset, width - offset);
        }
        for (int pass = 0; pass < 3; pass++) {
            shadow = boxBlur(shadow, offset);
        }
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] *= 1 - 0.4 * shadow[i / 3];
        }
    }

    private double[] boxBlur(double[] in, int reach) {
        double[] across = new double[in.length];
        double[] out = new double[in.length];
        for (int i = 0; i < in.length; i++) {
            int x = i % width;
            double sum = 0;
            for (int d = -reach; d <= reach; d++) {
                sum += x + d >= 0 && x + d < width ? in[i + d] : 0;
            }
            across[i] = sum / (2 * reach + 1);
        }
        for (int i = 0; i < in.length; i++) {
            int y = i / width;
            double sum = 0;
            for (int d = -reach; d <= reach; d++) {
                sum += y + d >= 0 && y + d < height ? across[i + d * width] : 0;
            }
            out[i] = sum / (2 * reach + 1);
        }
        return out;
    }

    private void paint(SceneObject object, double[] m, double[] coverage) {
        for (int i = 0; i < coverage.length; i++) {
            if (coverage[i] > 0) {
                double x = i % width + 0.5;
                double y = i / width + 0.5;
                double u = m[0] * x + m[1] * y + m[2];
                double v = m[3] * x + m[4] * y + m[5];
                object.texture().colour(u, v, colour);
                blend(i, coverage[i]);
            }
        }
        for (SceneObject part : object.parts()) {
            double[] toPart = multiply(part.toOwn(0), m);
            double[] inside = coverage(part.outline(), toPart);
            for (int i = 0; i < inside.length; i++) {
                inside[i] *= coverage[i];
            }
            paint(part, toPart, inside);
        }
    }

    private void blend(int pixel, double share) {
        for (int c = 0; c < 3; c++) {
            rgb[3 * pixel + c] += share * (colour[c] - rgb[3 * pixel + c]);
        }
    }

    /** Returns the transform that applies {@code b}, then {@code a}. */
    private static double[] multiply(double[] a, double[] b) {
        return new double[] {
            a[0] * b[0] + a[1] * b[3],
            a[0] * b[1] + a[1] * b[4],
            a[0] * b[2] + a[1] * b[5] + a[2],
            a[3] * b[0] + a[4] * b[3],
            a[3] * b[1] + a[4] * b[4],
            a[3] * b[2] + a[4] * b[5] + a[5]
        };
    }

    private BufferedImage finish() {
        double[][] channels = new double[3][width * height];
        for (int c = 0; c < 3; c++) {
            for (int i = 0; i < width * height; i++) {
                channels[c][i] = rgb[3 * i + c];
            }
            channels[c] = soften(channels[c]);
        }
        int[] pixels = new int[width * height];
        for (int i = 0; i < pixels.length; i++) {
            for (int c = 0; c < 3; c++) {
                double noise = Texture.lattice(scene.seed() + 977L * frame, i, c) - 0.5;
                long level = Math.round(255 * channels[c][i] + 2 * scene.grain() * noise);
                pixels[i] = pixels[i] << 8 | (int) Math.max(0, Math.min(255, level));
            }
        }
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        image.setRGB(0, 0, width, height, pixels, 0, width);
        return image;
    }

    /** Applies the kernel (1 2 1) / 4 along both axes, the border repeated. */
    private double[] soften(double[] in) {
        double[] across = new double[in.length];
        double[] out = new double[in.length];
        Arrays.setAll(
                across,
                i -> 0.25 * in[i % width > 0 ? i - 1 : i] + 0.5 * in[i] + 0.25 * in[i % width < width - 1 ? i + 1 : i]);
        Arrays.setAll(
                out,
                i -> 0.25 * across[i >= width ? i - width : i]
                        + 0.5 * across[i]
                        + 0.25 * across[i < in.length - width ? i + width : i]);
        return out;
    }
}
