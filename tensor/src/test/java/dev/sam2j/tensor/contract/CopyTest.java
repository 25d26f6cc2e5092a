package dev.sam2j.tensor.contract;

import org.junit.jupiter.api.Test;

class CopyTest extends BackendContract {
    @Test
    void repeatsRowsAcrossGaps() {
        check(new int[] {6, 5}, 0, new int[] {6, 5}, 3);
        check(new int[] {1, 5}, 0, new int[] {4, 7, 5}, 0);
        check(new int[] {1, 9, 33}, 2, new int[] {3, 3, 3, 33}, 0);
        check(new int[] {128, 64}, 0, new int[] {1024, 64}, 0);
    }

    private void check(int[] from, int gapFrom, int[] to, int gapTo) {
        Operand source = spread(gapFrom, 1, from);
        Operand destination = output(gapTo, to);
        run(b -> b.copy(source.on(b), destination.on(b)));
        assertClose(destination, 0, 0);
    }
}
