package dev.sam2j.tensor.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Shape;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.fused.FillHoles;
import org.junit.jupiter.api.Test;

class FillHolesTest extends BackendContract {
    @Test
    void densities() {
        for (double bias : new double[] {-1.5, -0.6, -0.2, 0.3, 1, 2}) {
            for (int area : new int[] {0, 1, 8, 100}) {
                check(noise(bias, 2, 31, 47), area, 2, 31, 47);
            }
        }
    }

    @Test
    void sizes() {
        for (int area : new int[] {1, 8, 100}) {
            check(noise(0, 1, 1, 1), area, 1, 1, 1);
            check(noise(0, 2, 1, 70), area, 2, 1, 70);
            check(noise(0, 2, 70, 1), area, 2, 70, 1);
            check(noise(0, 3, 3, 32), area, 3, 3, 32);
            check(noise(0.2, 1, 64, 64), area, 1, 64, 64);
            check(new float[77 * 50], area, 1, 77, 50);
        }
    }

    /** Long thin components: a spiral, and a comb whose teeth meet only in the last row. */
    @Test
    void shapes() {
        int size = 41;
        float[] maps = new float[2 * size * size];
        for (int y = 0; y < size; y++) {
            for (int x = 0; x < size; x++) {
                int ring = Math.min(Math.min(x, y), Math.min(size - 1 - x, size - 1 - y));
                boolean gate = ring % 2 == 1 && y == x + 1 && x == ring;
                maps[y * size + x] = ring % 2 == 0 || gate ? -1 : 1;
                maps[(size + y) * size + x] = x % 2 == 0 || y == size - 1 ? -1 : 1;
            }
        }
        for (int area : new int[] {8, 300, 900, 2000}) {
            check(maps, area, 2, size, size);
        }
    }

    @Test
    void wrongOperands() {
        try (Ops ops = new Ops(backend())) {
            Tensor maps = ops.workspace().allocateF32(Shape.of(2, 4, 6));
            assertThrows(IllegalArgumentException.class, () -> new FillHoles(maps.reshape(8, 6), 1, 1));
            assertThrows(IllegalArgumentException.class, () -> new FillHoles(maps.columns(0, 5), 1, 1));
            assertThrows(IllegalArgumentException.class, () -> new FillHoles(maps, -1, 1));
        }
    }

    /** Values of which some are 0, -0 or no numbers. */
    private float[] noise(double bias, int batch, int height, int width) {
        float[] values = new float[batch * height * width];
        for (int i = 0; i < values.length; i++) {
            int kind = random().nextInt(30);
            values[i] =
                    kind == 0 ? Float.NaN : kind == 1 ? 0 : kind == 2 ? -0f : (float) (random().nextGaussian() + bias);
        }
        return values;
    }

    private void check(float[] values, int area, int batch, int height, int width) {
        Operand maps = values(0, values, values.length); // one dimension is float32 for every backend
        run(b -> fused(b, new FillHoles(maps.on(b).reshape(batch, height, width), area, 0.1f)));
        assertArrayEquals(contents(reference(), maps.on(reference())), contents(backend(), maps.on(backend())));
        assertGuards(maps);
    }
}
