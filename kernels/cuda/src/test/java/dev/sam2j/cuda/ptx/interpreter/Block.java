package dev.sam2j.cuda.ptx.interpreter;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A thread block: its warps run in random order, each for a random number of instructions or up to a barrier. */
final class Block {
    private static final int LONGEST_TURN = 200;
    private static final int WARPS_OF_A_GROUP = 4;
    private static final long INSTRUCTION_LIMIT = 50_000_000;

    private final KernelCode code;
    private final int[] grid;
    private final int[] size;
    private final int[] position;
    private final GlobalMemory global;
    private final SharedMemory shared;
    private final byte[] parameters;
    private final List<Warp> warps = new ArrayList<>();
    private int barriers;
    private long conflicts;
    private final List<List<Collective>> collectives = new ArrayList<>();

    /** What a warpgroup executed together: line and the values that must agree. */
    record Collective(int line, long a, long b) {}

    Block(
            KernelCode code,
            int[] grid,
            int[] size,
            int[] position,
            GlobalMemory global,
            int sharedBytes,
            byte[] parameters) {
        this.code = code;
        this.grid = grid;
        this.size = size;
        this.position = position;
        this.global = global;
        this.parameters = parameters;
        shared = new SharedMemory(sharedBytes);
        int threads = size[0] * size[1] * size[2];
        for (int first = 0; first < threads; first += Warp.LANES) {
            warps.add(new Warp(this, code, first / Warp.LANES, threads - first));
        }
    }

    /** Runs all warps to their end and returns the number of warp instructions. */
    long run(Random random) {
        long executed = 0;
        List<Warp> runnable = new ArrayList<>();
        while (true) {
            runnable.clear();
            for (Warp warp : warps) {
                if (warp.live() != 0 && !warp.waiting()) {
                    runnable.add(warp);
                }
            }
            if (runnable.isEmpty() && !releaseBarrier()) {
                warps.forEach(this::requireWholeWarpgroups);
                return executed;
            }
            if (!runnable.isEmpty()) {
                executed += runnable.get(random.nextInt(runnable.size())).run(1 + random.nextInt(LONGEST_TURN));
            }
            if (executed > INSTRUCTION_LIMIT) {
                throw new PtxException(code.name() + ", " + name() + ": no end after " + executed + " instructions");
            }
        }
    }

    /** Notes the {@code n}-th collective instruction of a warp, or compares it with that of its warpgroup. */
    void together(Warp warp, int n, Collective instruction) {
        int group = warp.index() / WARPS_OF_A_GROUP;
        if ((group + 1) * WARPS_OF_A_GROUP > warps.size()) {
            throw new Fault("the warpgroup has less than four warps");
        }
        while (collectives.size() <= group) {
            collectives.add(new ArrayList<>());
        }
        List<Collective> sequence = collectives.get(group);
        if (n == sequence.size()) {
            sequence.add(instruction);
        } else if (!sequence.get(n).equals(instruction)) {
            throw new Fault("divergence: another warp of the warpgroup executed line " + sequence.get(n).line
                    + " or other operands");
        }
    }

    private void requireWholeWarpgroups(Warp warp) {
        int group = warp.index() / WARPS_OF_A_GROUP;
        int expected = group < collectives.size() ? collectives.get(group).size() : 0;
        if (warp.collectives() != expected) {
            throw new PtxException(code.name() + ", " + name() + ", warp " + warp.index()
                    + ": divergence: ended before the other warps of its warpgroup");
        }
    }

    /** Lets all warps go on if they wait; false if all have ended. */
    private boolean releaseBarrier() {
        long waiting = warps.stream().filter(Warp::waiting).count();
        if (waiting == 0) {
            return false;
        }
        if (waiting != warps.size()) {
            throw new PtxException(code.name() + ", " + name() + ": barrier reached by " + waiting + " of "
                    + warps.size()
                    + " warps, the others have ended");
        }
        barriers++;
        warps.forEach(Warp::release);
        return true;
    }

    long special(String name, int warp, int lane) {
        int thread = warp * Warp.LANES + lane;
        if (name.equals("%laneid") || name.equals("%warpid")) {
            return name.equals("%laneid") ? lane : warp;
        }
        int axis = name.charAt(name.length() - 1) - 'x';
        return switch (name.substring(1, name.indexOf('.'))) {
            case "tid" ->
                axis == 0 ? thread % size[0] : axis == 1 ? thread / size[0] % size[1] : thread / size[0] / size[1];
            case "ntid" -> size[axis];
            case "ctaid" -> position[axis];
            default -> grid[axis];
        };
    }

    String name() {
        return "block (" + position[0] + ", " + position[1] + ", " + position[2] + ")";
    }

    void addConflicts(int extraCycles) {
        conflicts += extraCycles;
    }

    long conflicts() {
        return conflicts;
    }

    int barriers() {
        return barriers;
    }

    GlobalMemory global() {
        return global;
    }

    SharedMemory shared() {
        return shared;
    }

    byte[] parameters() {
        return parameters;
    }
}
