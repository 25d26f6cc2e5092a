package dev.sam2j.cuda.ptx.interpreter;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/**
 * 32 threads in lockstep. Each has its own program counter; the lanes with the lowest one run next, so diverged lanes
 * meet again at the first instruction that all of them reach. Registers are 64-bit slots, {@code register * 32 + lane}.
 */
final class Warp {
    static final int LANES = 32;

    final long[] registers;
    final Block block;
    final byte[][] local;
    private final KernelCode code;
    private final Step[] steps;
    private final int index;
    private final int[] initialised;
    /** Where the lanes are that have parted ways; while they go together {@link #counter} says it. */
    private final int[] counters = new int[LANES];

    private int counter;
    private boolean diverged;
    private final List<Deque<List<Copy>>> committed = new ArrayList<>();
    private final List<List<Copy>> open = new ArrayList<>();
    private final int members;
    private int live;
    private boolean waiting;
    private int warpEpoch;
    private final PendingProducts products;
    private int collective;

    /** An asynchronous copy that has not been waited for. */
    record Copy(int destination, byte[] bytes) {}

    Warp(Block block, KernelCode code, int index, int threads) {
        this.block = block;
        this.code = code;
        steps = code.steps();
        this.index = index;
        registers = new long[code.registers() * LANES];
        initialised = new int[code.registers()];
        products = new PendingProducts(code.registers());
        local = new byte[LANES][code.localBytes()];
        members = threads >= LANES ? -1 : (1 << threads) - 1;
        live = members;
        for (int lane = 0; lane < LANES; lane++) {
            committed.add(new ArrayDeque<>());
            open.add(new ArrayList<>());
        }
        code.constants().forEach((register, value) -> fill(register, value));
        code.specials().forEach((name, register) -> {
            for (int lane = 0; lane < LANES; lane++) {
                registers[register * LANES + lane] = block.special(name, index, lane);
            }
            initialised[register] = -1;
        });
    }

    private void fill(int register, long value) {
        Arrays.fill(registers, register * LANES, (register + 1) * LANES, value);
        initialised[register] = -1;
    }

    int index() {
        return index;
    }

    int thread(int lane) {
        return index * LANES + lane;
    }

    int live() {
        return live;
    }

    boolean waiting() {
        return waiting;
    }

    /** Block barriers passed in the upper half, warp barriers in the lower. */
    long epoch() {
        return (long) block.barriers() << 32 | warpEpoch;
    }

    /** Runs until a barrier, the end, or {@code limit} instructions; returns how many were executed. */
    int run(int limit) {
        int executed = 0;
        while (executed < limit && live != 0 && !waiting) {
            int pc = diverged ? lowestCounter() : counter;
            if (pc >= steps.length) {
                throw new PtxException(code.name() + ": ran past the last instruction, which should be ret");
            }
            step(pc, diverged ? advance(pc) : live);
            executed++;
        }
        return executed;
    }

    private int lowestCounter() {
        int pc = Integer.MAX_VALUE;
        for (int lanes = live; lanes != 0; lanes &= lanes - 1) {
            pc = Math.min(pc, counters[Integer.numberOfTrailingZeros(lanes)]);
        }
        return pc;
    }

    /** The lanes at an instruction, which are moved to the next one. */
    private int advance(int pc) {
        int mask = 0;
        for (int lanes = live; lanes != 0; lanes &= lanes - 1) {
            int lane = Integer.numberOfTrailingZeros(lanes);
            if (counters[lane] == pc) {
                mask |= 1 << lane;
                counters[lane] = pc + 1;
            }
        }
        diverged = mask != live;
        return mask;
    }

    private void step(int pc, int lanesHere) {
        int mask = lanesHere;
        counter = pc + 1;
        Instruction instruction = code.instructions().get(pc);
        try {
            if (instruction.guard() >= 0) {
                use(instruction.guard(), mask);
                mask = guarded(instruction, mask);
            }
            if (mask != 0) {
                steps[pc].run(this, mask);
            }
        } catch (Fault fault) {
            throw new PtxException(
                    code.name() + ", line " + instruction.line() + " (" + instruction.text() + "), " + block.name()
                            + ", warp " + index + ": " + fault.getMessage(),
                    fault);
        }
    }

    private int guarded(Instruction instruction, int mask) {
        int result = 0;
        for (int lanes = mask; lanes != 0; lanes &= lanes - 1) {
            int lane = Integer.numberOfTrailingZeros(lanes);
            if (registers[instruction.guard() * LANES + lane] != 0 != instruction.negated()) {
                result |= 1 << lane;
            }
        }
        return result;
    }

    /** Checks that the lanes have written a register before they read it. */
    void use(int register, int mask) {
        if ((initialised[register] & mask) != mask) {
            throw new Fault("a register is read before it was written");
        }
        products.read(register);
    }

    void written(int register, int mask) {
        initialised[register] |= mask;
        products.write(register);
    }

    /** As {@link #use} for a product, which may read the accumulators of earlier ones. */
    void requireWritten(int register, int mask) {
        if ((initialised[register] & mask) != mask) {
            throw new Fault("a register is read before it was written");
        }
    }

    /** As {@link #written} for a product. */
    void setWritten(int register) {
        initialised[register] = -1;
    }

    PendingProducts products() {
        return products;
    }

    /** For instructions that the four warps of a warpgroup must execute in the same order with the same operands. */
    void together(int mask, int line, long a, long b) {
        requireFull(mask);
        block.together(this, collective++, new Block.Collective(line, a, b));
    }

    int collectives() {
        return collective;
    }

    void jump(int mask, int target) {
        if (!diverged && mask == live) {
            counter = target;
            return;
        }
        if (!diverged) {
            Arrays.fill(counters, counter);
            diverged = true;
        }
        for (int lanes = mask; lanes != 0; lanes &= lanes - 1) {
            counters[Integer.numberOfTrailingZeros(lanes)] = target;
        }
    }

    void exit(int mask) {
        for (int lanes = mask; lanes != 0; lanes &= lanes - 1) {
            int lane = Integer.numberOfTrailingZeros(lanes);
            if (!open.get(lane).isEmpty() || !committed.get(lane).isEmpty()) {
                throw new Fault("a thread ends with a pending cp.async");
            }
        }
        live &= ~mask;
        if (!products.none()) {
            throw new Fault("a thread ends with a pending wgmma");
        }
    }

    /** For instructions that all 32 threads must execute together. */
    void requireFull(int mask) {
        if (mask != -1) {
            throw new Fault(
                    "divergence: executed by lanes 0x" + Integer.toHexString(mask) + " instead of the whole warp");
        }
    }

    /** For instructions whose member mask must be exactly the lanes that execute them. */
    void requireMembers(int mask, int members) {
        for (int lanes = mask; lanes != 0; lanes &= lanes - 1) {
            if ((int) registers[members * LANES + Integer.numberOfTrailingZeros(lanes)] != mask) {
                throw new Fault("divergence: executed by lanes 0x" + Integer.toHexString(mask) + ", member mask 0x"
                        + Integer.toHexString((int) registers[members * LANES + Integer.numberOfTrailingZeros(lanes)]));
            }
        }
    }

    void waitAtBarrier(int mask) {
        if (mask != members) {
            throw new Fault("divergence: barrier executed by lanes 0x" + Integer.toHexString(mask) + " of 0x"
                    + Integer.toHexString(members));
        }
        waiting = true;
    }

    void release() {
        waiting = false;
    }

    void warpBarrier() {
        warpEpoch++;
    }

    void addCopy(int lane, Copy copy) {
        open.get(lane).add(copy);
    }

    void commitCopies(int lane) {
        committed.get(lane).add(List.copyOf(open.get(lane)));
        open.get(lane).clear();
    }

    /** Completes all but the last {@code allowed} groups of a lane; -1 also completes what was not committed. */
    void waitForCopies(int lane, int allowed) {
        Deque<List<Copy>> groups = committed.get(lane);
        while (groups.size() > Math.max(allowed, 0)) {
            groups.remove().forEach(copy -> block.shared().finishCopy(this, lane, copy.destination(), copy.bytes()));
        }
        if (allowed < 0) {
            open.get(lane).forEach(copy -> block.shared().finishCopy(this, lane, copy.destination(), copy.bytes()));
            open.get(lane).clear();
        }
    }
}
