package dev.sam2j.tensor.contract;

import org.junit.jupiter.api.Test;

class PixelShuffleTest extends TrainingContract {
    @Test
    void oddSizesAndGaps() {
        check(1, 1, 1, 1, 0);
        check(2, 3, 5, 4, 0);
        check(3, 7, 2, 33, 3);
        check(1, 64, 64, 16, 0);
    }

    private void check(int batch, int height, int width, int channels, int gap) {
        Operand cells = spread(gap, 1, batch, height, width, 4 * channels);
        Operand pixels = output(gap, batch, 2 * height, 2 * width, channels);
        Operand back = output(gap, batch, height, width, 4 * channels);
        train((ops, b) -> {
            ops.pixelShuffle(cells.on(b), pixels.on(b));
            ops.pixelUnshuffle(pixels.on(b), back.on(b));
        });
        // Nothing is computed, only moved.
        assertClose(pixels, 0, 0);
        assertClose(back, 0, 0);
    }
}
