package dev.sam2j.cuda.ptx.interpreter;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code ldmatrix} and {@code mma.sync.m16n8k16} of bf16 or f16 with float32 accumulators. Fragment layouts are those
 * of the PTX ISA: lane {@code 4g + t} holds row (or column) {@code g} and the elements {@code 2t, 2t + 1}.
 */
final class MatrixSteps {
    private static final int LANES = Warp.LANES;
    private static final Pattern PRODUCT =
            Pattern.compile("mma\\.sync\\.aligned\\.m16n8k16\\.row\\.col\\.f32\\.(b?f16)\\.\\1\\.f32");

    private MatrixSteps() {}

    static Step decode(Instruction instruction) {
        Matcher product = PRODUCT.matcher(instruction.opcode());
        if (product.matches()) {
            return multiply(instruction, Types.half(product.group(1)));
        }
        String[] parts = instruction.opcode().split("\\.");
        if (!instruction.opcode().matches("ldmatrix\\.sync\\.aligned\\.m8n8\\.x[124](\\.trans)?\\.shared\\.b16")) {
            throw instruction.unsupported();
        }
        return loadMatrix(instruction, parts[4].charAt(1) - '0', parts[5].equals("trans"));
    }

    /** Lane {@code 8m + i} gives the address of row i of matrix m; each row is 8 elements of 16 bits. */
    private static Step loadMatrix(Instruction instruction, int count, boolean transposed) {
        int[] targets = instruction.registers(0);
        Operand.Address address = instruction.address(1);
        if (targets.length != count) {
            throw instruction.unsupported();
        }
        return (warp, mask) -> {
            warp.requireFull(mask);
            int addressed = count == 4 ? -1 : (1 << 8 * count) - 1;
            warp.use(address.base(), addressed);
            int[] rows = new int[8 * count];
            for (int lane = 0; lane < rows.length; lane++) {
                long at = warp.registers[address.base() * LANES + lane] + address.offset();
                rows[lane] = warp.block.shared().readRow(warp, lane, at);
            }
            warp.block.addConflicts(BankConflicts.count(addressed, 16, lane -> rows[lane]));
            SharedMemory shared = warp.block.shared();
            for (int matrix = 0; matrix < count; matrix++) {
                for (int lane = 0; lane < LANES; lane++) {
                    int g = lane / 4;
                    int t = lane % 4 * 2;
                    int low = transposed
                            ? shared.half(rows[8 * matrix + t] + 2 * g)
                            : shared.half(rows[8 * matrix + g] + 2 * t);
                    int high = transposed
                            ? shared.half(rows[8 * matrix + t + 1] + 2 * g)
                            : shared.half(rows[8 * matrix + g] + 2 * t + 2);
                    warp.registers[targets[matrix] * LANES + lane] = low | (long) high << 16;
                }
                warp.written(targets[matrix], mask);
            }
        };
    }

    /** d = a (16 x 16) b (16 x 8) + c; the 16 products and c are added in double and rounded once. */
    private static Step multiply(Instruction instruction, Types.Half type) {
        int[] d = instruction.registers(0);
        int[] a = instruction.registers(1);
        int[] b = instruction.registers(2);
        int[] c = instruction.registers(3);
        if (d.length != 4 || a.length != 4 || b.length != 2 || c.length != 4) {
            throw instruction.unsupported();
        }
        return (warp, mask) -> {
            warp.requireFull(mask);
            long[] r = warp.registers;
            double[][] left = new double[16][16];
            double[][] right = new double[8][16];
            for (int lane = 0; lane < LANES; lane++) {
                int g = lane / 4;
                int t = lane % 4 * 2;
                for (int i = 0; i < 4; i++) {
                    split(type, r[a[i] * LANES + lane], left[g + i % 2 * 8], t + i / 2 * 8);
                }
                split(type, r[b[0] * LANES + lane], right[g], t);
                split(type, r[b[1] * LANES + lane], right[g], t + 8);
            }
            for (int i = 0; i < 4; i++) {
                warp.use(a[i], mask);
                warp.use(c[i], mask);
                warp.use(b[i / 2], mask);
            }
            for (int lane = 0; lane < LANES; lane++) {
                for (int i = 0; i < 4; i++) {
                    double[] row = left[lane / 4 + i / 2 * 8];
                    double[] column = right[lane % 4 * 2 + i % 2];
                    double sum = Alu.f(r[c[i] * LANES + lane]);
                    for (int k = 0; k < 16; k++) {
                        sum += row[k] * column[k];
                    }
                    r[d[i] * LANES + lane] = Alu.bits((float) sum);
                }
            }
            for (int register : d) {
                warp.written(register, mask);
            }
        };
    }

    private static void split(Types.Half type, long pair, double[] row, int column) {
        row[column] = type.widen((int) pair & 0xffff);
        row[column + 1] = type.widen((int) (pair >>> 16) & 0xffff);
    }
}
