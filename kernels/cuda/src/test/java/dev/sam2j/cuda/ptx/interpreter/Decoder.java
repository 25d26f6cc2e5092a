package dev.sam2j.cuda.ptx.interpreter;

import java.util.List;

/** Turns instructions into {@link Step}s: control flow, lane-wise arithmetic, moves between scalars and vectors. */
final class Decoder {
    private static final int LANES = Warp.LANES;

    private Decoder() {}

    static Step[] decode(List<Instruction> instructions) {
        Step[] steps = new Step[instructions.size()];
        for (int i = 0; i < steps.length; i++) {
            steps[i] = decode(instructions.get(i));
        }
        return steps;
    }

    private static Step decode(Instruction instruction) {
        String opcode = instruction.opcode();
        String stem = opcode.contains(".") ? opcode.substring(0, opcode.indexOf('.')) : opcode;
        return switch (stem) {
            case "bra" -> branch(instruction);
            case "ret", "exit" -> Warp::exit;
            case "bar" -> barrier(instruction);
            case "ld", "st", "atom", "red" -> MemorySteps.decode(instruction);
            case "wgmma" -> WarpgroupSteps.decode(instruction);
            case "fence" -> proxyFence(instruction);
            case "cp" -> CopySteps.decode(instruction);
            case "shfl", "vote", "activemask" -> WarpSteps.decode(instruction);
            case "ldmatrix", "mma" -> MatrixSteps.decode(instruction);
            default ->
                instruction.operands().stream().anyMatch(Operand.Vector.class::isInstance)
                        ? packing(instruction)
                        : arithmetic(instruction);
        };
    }

    private static Step branch(Instruction instruction) {
        int target = instruction.target(0);
        boolean uniform = instruction.opcode().equals("bra.uni");
        return (warp, mask) -> {
            if (uniform && mask != warp.live()) {
                throw new Fault("divergence: bra.uni taken by a part of the warp");
            }
            warp.jump(mask, target);
        };
    }

    private static Step proxyFence(Instruction instruction) {
        if (!instruction.opcode().matches("fence\\.proxy\\.async(\\.shared::cta)?")) {
            throw instruction.unsupported();
        }
        return (warp, mask) -> {
            for (int lanes = mask; lanes != 0; lanes &= lanes - 1) {
                warp.block.shared().fenceProxy(warp.thread(Integer.numberOfTrailingZeros(lanes)));
            }
        };
    }

    private static Step barrier(Instruction instruction) {
        if (instruction.opcode().equals("bar.warp.sync")) {
            int members = instruction.register(0);
            return (warp, mask) -> {
                warp.requireMembers(mask, members);
                warp.warpBarrier();
            };
        }
        if (!instruction.opcode().equals("bar.sync") || instruction.operands().size() != 1) {
            throw instruction.unsupported();
        }
        return Warp::waitAtBarrier;
    }

    private static Step arithmetic(Instruction instruction) {
        Alu.Function function = Alu.FUNCTIONS.get(instruction.opcode());
        int sources = instruction.operands().size() - 1;
        if (function == null || sources < 1 || sources > 3) {
            throw instruction.unsupported();
        }
        int d = instruction.register(0);
        int a = instruction.register(1);
        int b = instruction.register(Math.min(2, sources));
        int c = instruction.register(Math.min(3, sources));
        return (warp, mask) -> {
            warp.use(a, mask);
            warp.use(b, mask);
            warp.use(c, mask);
            long[] r = warp.registers;
            for (int lanes = mask; lanes != 0; lanes &= lanes - 1) {
                int lane = Integer.numberOfTrailingZeros(lanes);
                r[d * LANES + lane] = function.apply(r[a * LANES + lane], r[b * LANES + lane], r[c * LANES + lane]);
            }
            warp.written(d, mask);
        };
    }

    /** {@code mov.b32 {lo, hi}, x} and {@code mov.b32 x, {lo, hi}}, also of 64 bits. */
    private static Step packing(Instruction instruction) {
        if (!instruction.opcode().equals("mov.b32") && !instruction.opcode().equals("mov.b64")) {
            throw instruction.unsupported();
        }
        boolean unpack = instruction.operands().get(0) instanceof Operand.Vector;
        int[] parts = instruction.registers(unpack ? 0 : 1);
        int whole = instruction.register(unpack ? 1 : 0);
        int bits = (instruction.opcode().endsWith("64") ? 64 : 32) / parts.length;
        long partMask = (1L << bits) - 1;
        return (warp, mask) -> {
            long[] r = warp.registers;
            if (unpack) {
                warp.use(whole, mask);
            }
            for (int i = 0; i < parts.length && !unpack; i++) {
                warp.use(parts[i], mask);
            }
            for (int lanes = mask; lanes != 0; lanes &= lanes - 1) {
                int lane = Integer.numberOfTrailingZeros(lanes);
                long value = unpack ? r[whole * LANES + lane] : 0;
                for (int i = 0; i < parts.length; i++) {
                    if (unpack) {
                        r[parts[i] * LANES + lane] = value >>> i * bits & partMask;
                    } else {
                        value |= (r[parts[i] * LANES + lane] & partMask) << i * bits;
                    }
                }
                if (!unpack) {
                    r[whole * LANES + lane] = value;
                }
            }
            for (int i = 0; i < parts.length && unpack; i++) {
                warp.written(parts[i], mask);
            }
            if (!unpack) {
                warp.written(whole, mask);
            }
        };
    }
}
