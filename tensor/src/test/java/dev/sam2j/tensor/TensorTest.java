package dev.sam2j.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.tensor.reference.ReferenceBackend;
import org.junit.jupiter.api.Test;

/** Views, shapes and workspace frames. */
class TensorTest {
    private final Backend backend = new ReferenceBackend();
    private final Ops ops = new Ops(backend);

    private Tensor counting(int... dims) {
        float[] values = new float[(int) Shape.of(dims).elements()];
        for (int i = 0; i < values.length; i++) {
            values[i] = i;
        }
        return ops.tensor(values, dims);
    }

    @Test
    void columnsAreAViewWithGaps() {
        Tensor part = counting(2, 3, 4).columns(1, 3);
        assertEquals(Shape.of(2, 3, 2), part.shape());
        assertFalse(part.isContiguous());
        assertArrayEquals(new float[] {1, 2, 5, 6, 9, 10, 13, 14, 17, 18, 21, 22}, ops.toHost(part));
        assertEquals(Shape.of(1, 6, 2), part.reshape(1, 6, 2).shape());
        assertThrows(IllegalArgumentException.class, () -> part.reshape(12));
    }

    @Test
    void slicesAndTokensSelectRows() {
        Tensor x = counting(2, 3, 2);
        assertArrayEquals(new float[] {6, 7, 8, 9, 10, 11}, ops.toHost(x.slice(1, 2)));
        assertArrayEquals(new float[] {2, 3, 8, 9}, ops.toHost(x.token(1)));
        assertThrows(IllegalArgumentException.class, () -> x.slice(1, 3));
        assertThrows(IllegalArgumentException.class, () -> x.token(3));
    }

    @Test
    void shapesRefuseEmptyAndOverflowingDimensions() {
        assertThrows(IllegalArgumentException.class, () -> Shape.of(3, 0));
        assertThrows(ArithmeticException.class, () -> Shape.of(1 << 30, 1 << 30, 1 << 30));
        assertEquals(1, Shape.of().elements());
    }

    @Test
    void aFrameGivesTheSameMemoryAgain() {
        Workspace workspace = ops.workspace();
        Tensor before = workspace.allocate(Shape.of(10));
        long first;
        try (Workspace.Frame frame = workspace.frame()) {
            first = workspace.allocate(Shape.of(100)).offset();
            workspace.allocate(Shape.of(5_000_000));
        }
        long held = workspace.bytes();
        try (Workspace.Frame frame = workspace.frame()) {
            assertEquals(first, workspace.allocate(Shape.of(100)).offset());
            workspace.allocate(Shape.of(5_000_000));
        }
        assertEquals(held, workspace.bytes());
        assertTrue(first >= before.offset() + 10);
    }

    @Test
    void operationsSayWhatDoesNotFit() {
        Tensor x = counting(2, 3, 4);
        PackedMatrix w = backend.pack(new float[10], 2, 5);
        String message = assertThrows(IllegalArgumentException.class, () -> ops.gemm(x, w, Epilogue.NONE))
                .getMessage();
        assertEquals("gemm: columns of x, expected 5, got [2, 3, 4]", message);
        assertThrows(IllegalArgumentException.class, () -> ops.add(x, counting(4, 4)));
        assertThrows(IllegalArgumentException.class, () -> ops.maxPool2d(counting(1, 3, 4, 2)));
        assertThrows(
                IllegalArgumentException.class,
                () -> ops.attention(x, counting(2, 3, 6), x, AttentionSpec.global(2, 4)));
    }

    @Test
    void joinsTokensAndRepeatsWhatIsShared() {
        Tensor joined = ops.concatTokens(counting(1, 1, 2), counting(2, 2, 2));
        assertArrayEquals(new float[] {0, 1, 0, 1, 2, 3, 0, 1, 4, 5, 6, 7}, ops.toHost(joined));
        assertArrayEquals(new float[] {0, 1, 0, 1}, ops.toHost(ops.repeat(counting(1, 2), 2)));
    }
}
