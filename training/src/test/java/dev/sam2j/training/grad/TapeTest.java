package dev.sam2j.training.grad;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.cpu.CpuBackend;
import dev.sam2j.predictors.model.DemoCheckpoint;
import dev.sam2j.tensor.Activation;
import dev.sam2j.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Gradients of a parameter (4, 128), whose value is a matrix of anything. */
class TapeTest {
    private static final int ROWS = 4;
    private static final int COLS = 128;

    private final CpuBackend backend = new CpuBackend(1);
    private final Arena arena = new Arena(backend);
    private final ParameterStore store =
            new ParameterStore(DemoCheckpoint.open(), backend, name -> name.contains("mask_tokens"));
    private final ParameterStore.Path decoder = store.root().at("sam_mask_decoder");
    private final Parameter parameter = decoder.vector("mask_tokens.weight", ROWS, COLS);
    private final Tape tape = new Tape(backend, arena);
    private final GradOps ops = new GradOps(tape);

    @BeforeEach
    void clear() {
        store.clearGradients();
    }

    @AfterEach
    void close() {
        tape.close();
        assertEquals(0, arena.usedBytes());
        arena.close();
        store.close();
        backend.close();
    }

    /** Gives x the gradient 1, 2, 3, ... by rows, and goes back. */
    private void backward(Var x) {
        tape.onBackward(() -> {
            float[] seed = new float[x.value().rows() * x.value().cols()];
            for (int i = 0; i < seed.length; i++) {
                seed[i] = 1 + i / x.value().cols();
            }
            backend.upload(seed, 0, x.gradient());
        });
        tape.backward();
    }

    /** The first element of each row of the parameter's gradient. */
    private float[] gradients() {
        float[] all = parameter.read(parameter.gradient());
        float[] first = new float[ROWS];
        for (int row = 0; row < ROWS; row++) {
            first[row] = all[row * COLS];
        }
        return first;
    }

    @Test
    void rowsThatAreGatheredTwiceGetBothGradients() {
        Var x = parameter.var();
        backward(ops.gather(List.of(new GradOps.Rows(x, 1, 2), new GradOps.Rows(x, 2, 2)), 4, COLS));
        assertArrayEquals(new float[] {0, 1, 2 + 3, 4}, gradients());
    }

    @Test
    void entriesThatAreReplacedGetNone() {
        Var replaced = ops.where(new boolean[] {true, false, true, false}, parameter.var(), -7);
        float[] values = new float[ROWS * COLS];
        backend.download(replaced.value(), values, 0);
        assertEquals(-7, values[COLS]);
        assertEquals(parameter.read(parameter.value())[2 * COLS], values[2 * COLS]);
        backward(replaced);
        assertArrayEquals(new float[] {1, 0, 3, 0}, gradients());
    }

    @Test
    void viewsAndSumsOfOneValueShareItsGradient() {
        Var x = ops.where(new boolean[] {true, true, true, true}, parameter.var(), 0);
        Var columns = ops.add(x.columns(0, 64), x.columns(64, 128));
        backward(ops.add(columns, columns));
        assertArrayEquals(new float[] {2, 4, 6, 8}, gradients());
        assertEquals(8, parameter.read(parameter.gradient())[ROWS * COLS - 1]);
    }

    @Test
    void whatIsComputedTwiceHasTheSameGradient() {
        Var plain = ops.activation(Activation.GELU, ops.add(parameter.var(), parameter.var()));
        backward(plain);
        float[] expected = parameter.read(parameter.gradient());
        store.clearGradients();
        int[] runs = {0};
        Var[] twice = tape.checkpoint(again -> {
            runs[0]++;
            GradOps inner = new GradOps(again);
            Var sum = inner.add(parameter.var(), parameter.var());
            return new Var[] {inner.activation(Activation.GELU, sum), inner.activation(Activation.RELU, sum)};
        });
        assertEquals(1, runs[0]);
        backward(twice[0]);
        assertEquals(2, runs[0]);
        assertArrayEquals(expected, parameter.read(parameter.gradient()));
    }

    @Test
    void whatDoesNotReachTheLossTakesNoPart() {
        ops.add(parameter.var(), parameter.var());
        tape.backward();
        assertFalse(parameter.takesPart());
        backward(ops.add(
                parameter.var(), decoder.vector("iou_token.weight", 1, COLS).var()));
        assertTrue(parameter.takesPart());
    }

    @Test
    void constantsAreNotRecorded() {
        Var frozen = decoder.vector("iou_token.weight", 1, COLS).var();
        Var sum = ops.add(frozen, frozen);
        assertFalse(sum.needsGradient());
        tape.backward();
        Tensor value = sum.value(); // stays until the tape is closed
        float[] twice = new float[COLS];
        backend.download(value, twice, 0);
        float[] once = new float[COLS];
        backend.download(frozen.value(), once, 0);
        assertEquals(2 * once[5], twice[5]);
    }
}
