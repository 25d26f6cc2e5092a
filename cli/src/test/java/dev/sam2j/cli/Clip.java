package dev.sam2j.cli;

import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.mask.Mask;
import dev.sam2j.predictors.mask.MaskPng;
import dev.sam2j.video.VideoWriter;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import javax.imageio.ImageIO;

/** A drawn clip: an orange disk moves right and a blue box moves down on grey stripes. */
public final class Clip {
    public static final int WIDTH = 96;
    public static final int HEIGHT = 72;
    static final int RADIUS = 13;
    static final int SIDE = 20;

    private Clip() {}

    public static int diskX(int frame) {
        return 22 + 3 * frame;
    }

    static int boxY(int frame) {
        return 30 + 2 * frame;
    }

    public static BufferedImage frame(int frame) {
        BufferedImage image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        for (int x = 0; x < WIDTH; x++) {
            graphics.setColor(x / 6 % 2 == 0 ? new Color(96, 100, 96) : new Color(120, 122, 116));
            graphics.fillRect(x, 0, 1, HEIGHT);
        }
        graphics.setColor(new Color(230, 120, 20));
        graphics.fillOval(diskX(frame) - RADIUS, 20 - RADIUS, 2 * RADIUS, 2 * RADIUS);
        graphics.setColor(new Color(30, 60, 200));
        graphics.fillRect(66, boxY(frame), SIDE, SIDE);
        graphics.dispose();
        return image;
    }

    /** The disk of a frame. */
    public static Mask disk(int frame) {
        byte[] pixels = new byte[WIDTH * HEIGHT];
        for (int i = 0; i < pixels.length; i++) {
            double dx = i % WIDTH + 0.5 - diskX(frame);
            double dy = i / WIDTH + 0.5 - 20;
            pixels[i] = (byte) (dx * dx + dy * dy < RADIUS * RADIUS ? 1 : 0);
        }
        return Mask.ofBytes(WIDTH, HEIGHT, pixels);
    }

    /** The box of a frame. */
    public static Mask box(int frame) {
        byte[] pixels = new byte[WIDTH * HEIGHT];
        for (int i = 0; i < pixels.length; i++) {
            int x = i % WIDTH - 66;
            int y = i / WIDTH - boxY(frame);
            pixels[i] = (byte) (x >= 0 && x < SIDE && y >= 0 && y < SIDE ? 1 : 0);
        }
        return Mask.ofBytes(WIDTH, HEIGHT, pixels);
    }

    /** Writes frames 0 to {@code count - 1} as PNGs. */
    public static Path folder(Path folder, int count) throws IOException {
        Files.createDirectories(folder);
        for (int i = 0; i < count; i++) {
            ImageIO.write(
                    frame(i),
                    "png",
                    folder.resolve(String.format(Locale.ROOT, "%05d.png", i)).toFile());
        }
        return folder;
    }

    public static Path video(Path file, int count) {
        try (VideoWriter writer = VideoWriter.create(file, WIDTH, HEIGHT, 12)) {
            for (int i = 0; i < count; i++) {
                writer.add(Picture.of(frame(i)));
            }
        }
        return file;
    }

    public static Path mask(Path file, Mask mask) throws IOException {
        MaskPng.write(mask, file);
        return file;
    }
}
