package dev.sam2j.tensor.nn;

/**
 * Sine position encoding of an image grid. With P = channels/2 and positions counted from 1 and divided by the last
 * one: {@code sin(y / f_i)} for even i and {@code cos(y / f_i)} for odd i, i = 0..P-1, then the same for x, where
 * {@code y = (row + 1) / (height + 1e-6) * scale} and {@code f_i = temperature^(2 floor(i/2) / P)}; all in float32.
 */
public final class SinePositionEncoding {
    private static final float EPS = 1e-6f;

    private SinePositionEncoding() {}

    /** The encoding, (height, width, channels) in row-major order; {@code channels} is a multiple of 4. */
    public static float[] table(int height, int width, int channels, double temperature, double scale) {
        int half = channels / 2;
        float[][] rows = axis(height, half, temperature, (float) scale);
        float[][] cols = axis(width, half, temperature, (float) scale);
        float[] table = new float[height * width * channels];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int at = (y * width + x) * channels;
                System.arraycopy(rows[y], 0, table, at, half);
                System.arraycopy(cols[x], 0, table, at + half, half);
            }
        }
        return table;
    }

    private static float[][] axis(int length, int features, double temperature, float scale) {
        float[][] encoded = new float[length][features];
        for (int position = 0; position < length; position++) {
            float angle = (position + 1) / (length + EPS) * scale;
            for (int i = 0; i < features; i++) {
                float frequency = (float) Math.pow(temperature, 2f * (i / 2) / features);
                float scaled = angle / frequency;
                encoded[position][i] = (float) (i % 2 == 0 ? Math.sin(scaled) : Math.cos(scaled));
            }
        }
        return encoded;
    }
}
