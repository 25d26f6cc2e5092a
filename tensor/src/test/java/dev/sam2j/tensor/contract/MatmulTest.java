package dev.sam2j.tensor.contract;

import org.junit.jupiter.api.Test;

class MatmulTest extends BackendContract {
    @Test
    void batchesAndSharedFactors() {
        check(1, 1, 1, 1, false, 0);
        check(3, 5, 7, 32, false, 0);
        check(4, 1, 66, 33, true, 3);
        check(2, 40, 130, 19, true, 0);
        check(2, 4, 300, 32, false, 5);
    }

    private void check(int batch, int m, int n, int k, boolean shared, int gap) {
        Operand a = spread(gap, 1, batch, m, k);
        Operand b = spread(gap, 1, shared ? 1 : batch, n, k);
        Operand y = output(gap, batch, m, n);
        run(t -> t.matmul(a.on(t), b.on(t), y.on(t)));
        assertClose(y, GemmTest.tolerance(k), 1e-6);
    }
}
