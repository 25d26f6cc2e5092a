package dev.sam2j.video;

import dev.sam2j.predictors.image.Picture;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.nio.file.Path;

/** Drawn frames: a white square that moves on coloured ground, and the frame's number as white stripes. */
final class Drawn {
    static final int BITS = 8;

    private Drawn() {}

    static Picture frame(int index, int width, int height) {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(new Color(160, 40, 40));
        graphics.fillRect(0, 0, width / 2, height);
        graphics.setColor(new Color(40, 60, 160));
        graphics.fillRect(width / 2, 0, width, height);
        graphics.setColor(Color.BLACK);
        graphics.fillRect(0, 0, width, height / 4);
        graphics.setColor(Color.WHITE);
        for (int bit = 0; bit < BITS; bit++) {
            if ((index >> bit & 1) != 0) {
                graphics.fillRect(bit * width / BITS, 0, width / BITS, height / 4);
            }
        }
        graphics.dispose();
        return Picture.of(image);
    }

    /** The number of a frame, read from its stripes. */
    static int number(Picture picture) {
        int number = 0;
        for (int bit = 0; bit < BITS; bit++) {
            int x = bit * picture.width() / BITS + picture.width() / BITS / 2;
            number |= (picture.pixel(x, picture.height() / 8) >> 8 & 255) > 127 ? 1 << bit : 0;
        }
        return number;
    }

    static Path write(Path file, int frames, int width, int height, double rate) {
        try (VideoWriter writer = VideoWriter.create(file, width, height, rate)) {
            for (int i = 0; i < frames; i++) {
                writer.add(frame(i, width, height));
            }
        }
        return file;
    }
}
