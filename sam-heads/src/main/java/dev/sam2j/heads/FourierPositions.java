package dev.sam2j.heads;

import dev.sam2j.tensor.Lazy;
import dev.sam2j.tensor.weights.Parameter;

/**
 * Random Fourier features of a position: with u, v in [0, 1] and a stored matrix G (2, F),
 * {@code a = 2 pi ((2u - 1) G[0] + (2v - 1) G[1])} and the encoding is {@code [sin a, cos a]}. Computed on the host: a
 * prompt has a handful of points, the grid is encoded once per model.
 */
public final class FourierPositions {
    private static final float TWO_PI = (float) (2 * Math.PI);

    private final Lazy<float[]> matrix;
    private final int features;

    /** Encodings with a stored matrix (2, F). */
    public FourierPositions(Parameter matrix) {
        this.matrix = new Lazy<>(matrix::read);
        this.features = matrix.shape().cols();
    }

    /** Adds the encoding of (u, v), 2F values, to {@code destination} from {@code offset} on. */
    public void addTo(float u, float v, float[] destination, int offset) {
        float[] g = matrix.get();
        float x = 2 * u - 1;
        float y = 2 * v - 1;
        for (int i = 0; i < features; i++) {
            float angle = TWO_PI * (x * g[i] + y * g[features + i]);
            destination[offset + i] += (float) Math.sin(angle);
            destination[offset + features + i] += (float) Math.cos(angle);
        }
    }

    /** Encodings of the cell centres of a grid, (height, width, 2F). */
    public float[] grid(int height, int width) {
        float[] table = new float[height * width * 2 * features];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                addTo((x + 0.5f) / width, (y + 0.5f) / height, table, (y * width + x) * 2 * features);
            }
        }
        return table;
    }
}
