package dev.sam2j.benchmarks;

import dev.sam2j.configs.Configs;
import dev.sam2j.weights.safetensors.Safetensors;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import javax.imageio.ImageIO;

/**
 * Writes what {@code start-up} needs, unless it is there: {@code FOLDER/MODEL.safetensors} with {@link RandomWeights}
 * for each model, and {@code FOLDER/picture.jpg} of 1024x768 pixels.
 */
public final class RandomCheckpoint {
    private static final int WIDTH = 1024;
    private static final int HEIGHT = 768;

    private RandomCheckpoint() {}

    /** Takes the folder and names of models. */
    public static void main(String[] arguments) throws IOException {
        Path folder = Files.createDirectories(Path.of(arguments[0]));
        for (int i = 1; i < arguments.length; i++) {
            Path file = folder.resolve(arguments[i] + ".safetensors");
            if (!Files.exists(file)) {
                Safetensors.write(file, new RandomWeights(Configs.named(arguments[i])), Map.of());
            }
        }
        Path picture = folder.resolve("picture.jpg");
        if (!Files.exists(picture)) {
            ImageIO.write(picture(), "jpg", picture.toFile());
        }
    }

    /** Soft waves and noise, as hard to compress as a photograph. */
    private static BufferedImage picture() {
        BufferedImage image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
        Random random = new Random(1);
        for (int y = 0; y < HEIGHT; y++) {
            for (int x = 0; x < WIDTH; x++) {
                int red = channel(128 + 90 * Math.sin(x / 70.0), random);
                int green = channel(128 + 90 * Math.cos(y / 50.0), random);
                int blue = channel(255.0 * x / WIDTH, random);
                image.setRGB(x, y, red << 16 | green << 8 | blue);
            }
        }
        return image;
    }

    private static int channel(double mean, Random random) {
        return (int) Math.max(0, Math.min(255, mean + 12 * random.nextGaussian()));
    }
}
