package dev.sam2j.parity;

import dev.sam2j.tensor.Backend;
import dev.sam2j.tensor.Tensor;

/** Tensors on the host. */
final class Values {
    private Values() {}

    static float[] host(Backend backend, Tensor tensor) {
        float[] values = new float[Math.toIntExact(tensor.shape().elements())];
        backend.download(tensor, values, 0);
        return values;
    }

    /** (H, W, C) to (C, H, W). */
    static float[] channelsFirst(float[] values, int channels) {
        int pixels = values.length / channels;
        float[] moved = new float[values.length];
        for (int p = 0; p < pixels; p++) {
            for (int c = 0; c < channels; c++) {
                moved[c * pixels + p] = values[p * channels + c];
            }
        }
        return moved;
    }
}
