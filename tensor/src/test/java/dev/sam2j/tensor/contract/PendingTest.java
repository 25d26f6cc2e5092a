package dev.sam2j.tensor.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.sam2j.tensor.Activation;
import dev.sam2j.tensor.Backend;
import dev.sam2j.tensor.MaskBits;
import dev.sam2j.tensor.Pending;
import dev.sam2j.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PendingTest extends BackendContract {
    /** Values come from before what was queued later, however many are on their way. */
    @Test
    void laterOperationsDoNotChangeThem() {
        Backend target = backend();
        Operand x = spread(0, 3, 70, 40);
        Tensor tensor = x.on(target);
        List<Pending<float[]>> pending = new ArrayList<>();
        List<Pending<MaskBits>> masks = new ArrayList<>();
        List<float[]> expected = new ArrayList<>();
        List<long[]> expectedMasks = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            expected.add(contents(target, tensor));
            expectedMasks.add(
                    target.thresholdMask(tensor, 140, 80, 0, 0.5f, 1).get().bits());
            pending.add(target.downloadLater(tensor));
            masks.add(target.thresholdMask(tensor, 140, 80, 0.5f, 0.5f, 0.5f));
            target.unary(tensor, -0.5f, 1, Activation.NONE, tensor);
        }
        for (int i = 9; i >= 0; i--) {
            assertArrayEquals(expectedMasks.get(i), masks.get(i).get().bits());
            assertArrayEquals(expected.get(i), pending.get(i).get());
            assertSame(pending.get(i).get(), pending.get(i).get());
        }
    }
}
