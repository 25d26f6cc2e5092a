package dev.sam2j.cuda.ptx.interpreter;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/**
 * The {@code wgmma.mma_async} of one warp that have not been waited for, and the registers they use. Until the wait no
 * other instruction may read or write their accumulators or write their fragments of A, and the shared memory they read
 * may not change.
 */
final class PendingProducts {
    private static final int UNTOUCHED = -1;

    private final List<Product> open = new ArrayList<>();
    private final Deque<List<Product>> committed = new ArrayDeque<>();
    private final int[] reading;
    private final int[] writing;
    /** Number of {@code wgmma.fence} before the last access of another instruction to each register. */
    private final int[] touched;

    private int fences;

    /** Registers of the accumulators and of A, and 16-byte chunks of shared memory that are read. */
    record Product(int[] accumulators, int[] sources, int[] chunks) {}

    PendingProducts(int registers) {
        reading = new int[registers];
        writing = new int[registers];
        touched = new int[registers];
        Arrays.fill(touched, UNTOUCHED);
    }

    /** Another instruction reads a register. */
    void read(int register) {
        if (writing[register] > 0) {
            throw new Fault("an accumulator of a pending wgmma is read");
        }
        touched[register] = fences;
    }

    /** Another instruction writes a register. */
    void write(int register) {
        if (writing[register] > 0 || reading[register] > 0) {
            throw new Fault("a register of a pending wgmma is written");
        }
        touched[register] = fences;
    }

    void fence() {
        fences++;
    }

    /** Checks that a fence lies between other accesses to the registers and the product. */
    void requireFenced(int... registers) {
        for (int register : registers) {
            if (touched[register] == fences || fences == 0) {
                throw new Fault("a register of a wgmma was accessed and no wgmma.fence followed");
            }
        }
    }

    void add(Product product) {
        count(product, 1);
        open.add(product);
    }

    void commit() {
        committed.add(List.copyOf(open));
        open.clear();
    }

    /** Completes all but the last {@code allowed} groups. */
    void await(Warp warp, int allowed) {
        while (committed.size() > allowed) {
            for (Product product : committed.remove()) {
                count(product, -1);
                for (int chunk : product.chunks) {
                    warp.block.shared().finishAsyncRead(warp, chunk);
                }
            }
        }
    }

    boolean none() {
        return open.isEmpty() && committed.isEmpty();
    }

    private void count(Product product, int change) {
        for (int register : product.accumulators) {
            writing[register] += change;
        }
        for (int register : product.sources) {
            reading[register] += change;
        }
    }
}
