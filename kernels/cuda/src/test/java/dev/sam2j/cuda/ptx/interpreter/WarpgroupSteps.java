package dev.sam2j.cuda.ptx.interpreter;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * {@code wgmma}: products by a warpgroup of four warps, each of which computes 16 of the 64 rows. A product reads its
 * operands when it is issued, the earliest moment a GPU may choose, and keeps its registers and its part of shared
 * memory in use until its group is waited for. All four warps must issue the same sequence.
 */
final class WarpgroupSteps {
    private static final int LANES = Warp.LANES;
    private static final int K = MatrixDescriptor.K;
    private static final Pattern PRODUCT =
            Pattern.compile("wgmma\\.mma_async\\.sync\\.aligned\\.m64n(\\d+)k16\\.f32\\.(b?f16)\\.\\2");

    private WarpgroupSteps() {}

    static Step decode(Instruction instruction) {
        int line = instruction.line();
        switch (instruction.opcode()) {
            case "wgmma.fence.sync.aligned":
                return (warp, mask) -> {
                    warp.together(mask, line, 0, 0);
                    warp.products().fence();
                };
            case "wgmma.commit_group.sync.aligned":
                return (warp, mask) -> {
                    warp.together(mask, line, 0, 0);
                    warp.products().commit();
                };
            case "wgmma.wait_group.sync.aligned":
                int count = instruction.register(0);
                return (warp, mask) -> {
                    warp.together(mask, line, 0, 0);
                    warp.products().await(warp, (int) warp.registers[count * LANES]);
                };
            default:
                return product(instruction);
        }
    }

    /** d (64 x n) = a (64 x 16) b (16 x n) + d; the 16 products and d are added in double and rounded once. */
    private static Step product(Instruction instruction) {
        Matcher matcher = PRODUCT.matcher(instruction.opcode());
        boolean fromRegisters = instruction.operands().get(1) instanceof Operand.Vector;
        if (!matcher.matches() || instruction.operands().size() != (fromRegisters ? 7 : 8)) {
            throw instruction.unsupported();
        }
        int n = Integer.parseInt(matcher.group(1));
        Types.Half type = Types.half(matcher.group(2));
        int[] d = instruction.registers(0);
        int[] a = instruction.registers(1);
        int b = instruction.register(2);
        int accumulate = instruction.register(3);
        int[] modifiers = IntStream.range(4, instruction.operands().size())
                .map(instruction::register)
                .toArray();
        if (n % 8 != 0 || n < 8 || n > 256 || d.length != n / 2 || a.length != (fromRegisters ? 4 : 1)) {
            throw instruction.unsupported();
        }
        return (warp, mask) -> {
            warp.use(b, mask);
            warp.use(accumulate, mask);
            long right = uniform(warp, b);
            long left = fromRegisters ? 0 : uniform(warp, a[0]);
            boolean adds = uniform(warp, accumulate) != 0;
            warp.together(mask, instruction.line(), left, right);
            if (uniform(warp, modifiers[0]) != 1 || uniform(warp, modifiers[1]) != 1) {
                throw new Fault("negated operands are not supported");
            }
            boolean transposedB = uniform(warp, modifiers[modifiers.length - 1]) != 0;
            boolean transposedA = !fromRegisters && uniform(warp, modifiers[2]) != 0;
            warp.products().requireFenced(d);
            if (fromRegisters) {
                warp.products().requireFenced(a);
                for (int register : a) {
                    warp.requireWritten(register, mask);
                }
            } else {
                warp.use(a[0], mask);
            }
            if (adds) {
                for (int register : d) {
                    warp.requireWritten(register, mask);
                }
            }
            int firstRow = warp.index() % 4 * 16;
            MatrixDescriptor ofB = MatrixDescriptor.of(right);
            int[] chunks = ofB.chunks(transposedB, 0, n);
            float[] rows = fromRegisters ? fragments(type, warp, a) : null;
            if (!fromRegisters) {
                MatrixDescriptor ofA = MatrixDescriptor.of(left);
                int[] chunksOfA = ofA.chunks(transposedA, firstRow, 16);
                startReads(warp, chunksOfA);
                chunks = IntStream.concat(IntStream.of(chunks), IntStream.of(chunksOfA))
                        .toArray();
                rows = values(type, warp, ofA, transposedA, firstRow, 16);
            }
            startReads(warp, ofB.chunks(transposedB, 0, n));
            multiply(warp, d, rows, values(type, warp, ofB, transposedB, 0, n), adds);
            warp.products().add(new PendingProducts.Product(d, fromRegisters ? a : new int[0], chunks));
        };
    }

    private static long uniform(Warp warp, int register) {
        long value = warp.registers[register * LANES];
        for (int lane = 1; lane < LANES; lane++) {
            if (warp.registers[register * LANES + lane] != value) {
                throw new Fault("an operand of wgmma differs between the lanes of a warp");
            }
        }
        return value;
    }

    private static void startReads(Warp warp, int[] chunks) {
        for (int chunk : chunks) {
            warp.block.shared().startAsyncRead(warp, chunk);
        }
    }

    /** Rows of an operand in shared memory, 16 elements each. */
    private static float[] values(
            Types.Half type, Warp warp, MatrixDescriptor matrix, boolean transposed, int first, int count) {
        float[] values = new float[count * K];
        for (int i = 0; i < values.length; i++) {
            int at = matrix.address(transposed, first + i / K, i % K);
            values[i] = type.widen(warp.block.shared().half(at));
        }
        return values;
    }

    /** The 16 rows of a warp from its registers, laid out as for {@code mma.sync.m16n8k16}. */
    private static float[] fragments(Types.Half type, Warp warp, int[] a) {
        float[] values = new float[16 * K];
        for (int lane = 0; lane < LANES; lane++) {
            for (int i = 0; i < 4; i++) {
                long pair = warp.registers[a[i] * LANES + lane];
                int at = (lane / 4 + i % 2 * 8) * K + lane % 4 * 2 + i / 2 * 8;
                values[at] = type.widen((int) pair & 0xffff);
                values[at + 1] = type.widen((int) (pair >>> 16) & 0xffff);
            }
        }
        return values;
    }

    private static void multiply(Warp warp, int[] d, float[] rows, float[] columns, boolean adds) {
        for (int i = 0; i < d.length; i++) {
            for (int lane = 0; lane < LANES; lane++) {
                int row = (lane / 4 + i / 2 % 2 * 8) * K;
                int column = (i / 4 * 8 + lane % 4 * 2 + i % 2) * K;
                double sum = adds ? Alu.f(warp.registers[d[i] * LANES + lane]) : 0;
                for (int k = 0; k < K; k++) {
                    sum += (double) rows[row + k] * columns[column + k];
                }
                warp.registers[d[i] * LANES + lane] = Alu.bits((float) sum);
            }
            warp.setWritten(d[i]);
        }
    }
}
