package dev.sam2j.memory;

/**
 * Axial rotary embedding of a square grid. Channels are consecutive pairs; the first half of the pairs turns with the
 * column, the second with the row: {@code angle = position * theta^(-4j / channels)} for j counted within the half.
 */
final class RotaryTable {
    private RotaryTable() {}

    /**
     * Cosine and sine of each pair side by side, (side * side, channels), for {@link dev.sam2j.tensor.Backend#rotary}.
     */
    static float[] of(int side, int channels, double theta) {
        int half = channels / 4;
        float[] frequencies = new float[half];
        for (int j = 0; j < half; j++) {
            frequencies[j] = 1f / (float) Math.pow(theta, 4f * j / channels);
        }
        float[] table = new float[side * side * channels];
        for (int n = 0; n < side * side; n++) {
            for (int j = 0; j < 2 * half; j++) {
                int position = j < half ? n % side : n / side;
                float angle = position * frequencies[j % half];
                table[n * channels + 2 * j] = (float) Math.cos(angle);
                table[n * channels + 2 * j + 1] = (float) Math.sin(angle);
            }
        }
        return table;
    }
}
