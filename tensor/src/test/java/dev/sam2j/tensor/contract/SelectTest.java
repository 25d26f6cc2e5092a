package dev.sam2j.tensor.contract;

import dev.sam2j.tensor.fused.Pick;
import dev.sam2j.tensor.fused.Where;
import org.junit.jupiter.api.Test;

class SelectTest extends BackendContract {
    @Test
    void pickTakesTheRowOfTheBestScore() {
        Operand x = spread(0, 1, 5, 9, 36);
        Operand odd = spread(3, 1, 45, 7);
        Operand scores = spread(0, 1, 20);
        for (int first : new int[] {0, 1, 3}) {
            Operand y = output(4, 5, 36);
            run(t -> fused(t, new Pick(x.on(t), scores.on(t).reshape(5, 4), first, 2, y.on(t))));
            assertClose(y, 0, 0);
            Operand z = output(3, 5, 7);
            run(t -> fused(t, new Pick(odd.on(t).reshape(5, 9, 7), scores.on(t).reshape(5, 4), first, 5, z.on(t))));
            assertClose(z, 0, 0);
        }
    }

    @Test
    void whereTakesOneOfTwoByTheSignOfTheScore() {
        Operand scores = spread(0, 1, 6);
        Operand a = spread(0, 1, 6, 10, 12);
        for (int rows : new int[] {60, 5, 1}) {
            Operand b = spread(1, 1, rows, 12);
            Operand y = output(2, 60, 12);
            run(t -> fused(t, new Where(scores.on(t).reshape(6, 1), a.on(t), b.on(t), y.on(t))));
            assertClose(y, 0, 0);
        }
        Operand b = spread(0, 1, 60, 12);
        run(t -> fused(t, new Where(scores.on(t).reshape(6, 1), a.on(t), b.on(t), a.on(t))));
        assertClose(a, 0, 0);
    }
}
