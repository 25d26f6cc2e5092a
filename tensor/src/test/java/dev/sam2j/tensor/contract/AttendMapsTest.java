package dev.sam2j.tensor.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.fused.AttendMaps;
import dev.sam2j.tensor.fused.Projection;
import org.junit.jupiter.api.Test;

class AttendMapsTest extends BackendContract {
    @Test
    void aFullMemoryWithPointers() {
        check(40, 8, 7, 12, 32, 16, 0);
        check(101, 5, 7, 3, 64, 12, 5);
    }

    @Test
    void everyNumberOfMaps() {
        for (int maps = 1; maps <= 9; maps++) {
            check(33, 4, maps, 0, 48, 8, 0);
        }
        check(20, 6, 16, 2, 32, 8, 3);
    }

    @Test
    void aGridOfSeveralBlocks() {
        check(100, 35, 3, 5, 16, 8, 0);
    }

    @Test
    void pointersOfSeveralBlocks() {
        check(17, 4, 2, 300, 32, 8, 0);
    }

    @Test
    void pointersAlone() {
        check(17, 4, 0, 9, 32, 8, 0);
    }

    @Test
    void refusesPartsOfMaps() {
        try (Ops ops = new Ops(backend())) {
            Tensor q = ops.empty(1, 3, 32);
            Tensor memories = ops.empty(1, 40, 8);
            Projection key =
                    new Projection(matrix(32, 8).on(backend()), input(32).on(backend()));
            Tensor y = ops.empty(1, 3, 8);
            String message = assertThrows(
                            IllegalArgumentException.class,
                            () -> new AttendMaps(q, memories, memories, 5, key, ops.empty(16, 32), y))
                    .getMessage();
            assertEquals("attendMaps: memories with a place, expected a multiple of 16, got 35", message);
        }
    }

    private void check(int queries, int side, int maps, int placeless, int channels, int width, int gap) {
        int places = side * side;
        Operand q = spread(gap, 1 / Math.sqrt(width), 1, queries, channels);
        Operand memories = spread(gap, 1, 1, maps * places + placeless, width);
        Operand positions = spread(gap, 1, 1, maps * places + placeless, width);
        Matrix key = matrix(channels, width);
        Operand bias = input(channels);
        Operand rotary = rotary(side, channels);
        Operand y = output(gap, 1, queries, width);
        run(b -> fused(
                b,
                new AttendMaps(
                        q.on(b),
                        memories.on(b),
                        positions.on(b),
                        placeless,
                        new Projection(key.on(b), bias.on(b)),
                        rotary.on(b),
                        y.on(b))));
        // Scores are of order 1: sums of channels / width products, each of sums over the columns of a memory.
        assertClose(y, 4e-6 * Math.sqrt(channels), 1e-5, 32);
    }

    /** The first half of the pairs turns with the column, the second with the row. */
    private Operand rotary(int side, int channels) {
        float[] table = new float[side * side * channels];
        for (int place = 0; place < side * side; place++) {
            for (int pair = 0; pair < channels / 2; pair++) {
                int position = pair < channels / 4 ? place % side : place / side;
                double angle = position * Math.pow(0.3, pair % (channels / 4));
                table[place * channels + 2 * pair] = (float) Math.cos(angle);
                table[place * channels + 2 * pair + 1] = (float) Math.sin(angle);
            }
        }
        return values(0, table, side * side, channels);
    }
}
