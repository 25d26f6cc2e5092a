package dev.sam2j.cuda.products;

import dev.sam2j.cuda.ptx.Halves;
import dev.sam2j.cuda.ptx.PtxMatrix;
import dev.sam2j.cuda.ptx.PtxWriter;
import dev.sam2j.tensor.DType;

/**
 * {@code y = residual + scale * activation(product + bias)} for accumulators of tensor cores in registers. A fragment
 * is 16 rows by 8 columns: lane {@code 4g + t} holds {@code (g, 2t), (g, 2t + 1), (g + 8, 2t), (g + 8, 2t + 1)}, the
 * layout of both {@code mma.sync.m16n8k16} and a warp's part of {@code wgmma}. Four lanes exchange their pairs of
 * halves so that each stores 16 bytes.
 */
final class FragmentEpilogue {
    private final PtxWriter w;
    private final DType type;
    private final CudaEpilogue.Operands operands;
    private final PtxMatrix y;

    /** Declares the parameters: bias, scale, residual, its stride and rows, out and its stride. */
    FragmentEpilogue(PtxWriter w, DType type) {
        this.w = w;
        this.type = type;
        operands = CudaEpilogue.Operands.parameters(w, type);
        y = PtxMatrix.parameter(w, "out", type);
    }

    /** Applies a function to registers, in place. */
    interface Function {
        void apply(String... values);
    }

    /**
     * Finishes and stores 16 rows of fragments. All lanes of the warp must take part.
     *
     * @param fragments of adjacent columns, an even number
     * @param row of the lane's first two values in the result; the others lie 8 rows below
     * @param rows of the result
     * @param column first column of the fragments in the result
     * @param columns of the result, a multiple of 8
     * @param pair twice the lane's index among its four
     */
    void store(
            String[][] fragments,
            String row,
            String rows,
            String column,
            String columns,
            String pair,
            Function activation) {
        String lower = w.i("add.s32", row, 8);
        String[] exists = {w.p("setp.lt.s32", row, rows), w.p("setp.lt.s32", lower, rows)};
        String left = w.i("sub.s32", columns, column);
        String own = w.i("add.s32", column, pair);
        String biasAt = w.address(operands.bias(), own, 4);
        String scaleAt = w.address(operands.scale(), own, 4);
        String[] residualAt = new String[2];
        String[] residualLine = {row, lower};
        for (int half = 0; half < 2; half++) {
            String line = w.i("mov.u32", residualLine[half]);
            String all = w.label();
            // Rows repeat only where there are fewer; the division is worth a branch.
            w.jumpIf(w.p("setp.ge.s32", operands.residualRows(), rows), all);
            w.op("rem.u32", line, line, operands.residualRows());
            w.place(all);
            residualAt[half] = operands.residual().at(line, own);
        }
        String quarter = w.i("shr.u32", pair, 1);
        String yFours = w.address(y.base(), row, y.stride(), w.i("mad.lo.s32", quarter, 8, column), 2);
        String rowBytes = w.l("mul.wide.u32", y.stride(), 8 * type.bytes());
        String[] direct = {y.at(row, own), null};
        direct[1] = w.l("add.s64", direct[0], rowBytes);
        String[] fours = {yFours, w.l("add.s64", yFours, rowBytes)};
        for (int first = 0; first < fragments.length; first += 4) {
            int count = Math.min(4, fragments.length - first);
            String skip = w.label();
            w.jumpIf(w.p("setp.le.s32", left, 8 * first), skip);
            String[][] values = new String[count][];
            String[] inside = new String[count];
            for (int i = 0; i < count; i++) {
                values[i] = fragments[first + i];
                inside[i] = w.p("setp.gt.s32", left, 8 * (first + i));
            }
            perColumn(operands.bias(), biasAt, 32 * first, values, inside, "add.f32");
            for (String[] four : values) {
                activation.apply(four);
            }
            perColumn(operands.scale(), scaleAt, 32 * first, values, inside, "mul.f32");
            addResidual(residualAt, 8 * first * type.bytes(), values, inside, exists);
            if (type == DType.F32) {
                storeFloats(direct, 32 * first, values, inside, exists);
            } else if (count == 4) {
                storeFour(fours, 8 * first, values, left, exists, quarter);
            } else {
                storeTwo(row, rows, w.i("add.s32", column, 8 * first), columns, values, quarter);
            }
            w.place(skip);
        }
    }

    /** Combines values with a float32 per column, if there are any. */
    private void perColumn(
            String pointer, String address, int offset, String[][] values, String[] inside, String opcode) {
        w.ifPresent(pointer, () -> {
            String[][] factors = new String[values.length][];
            for (int i = 0; i < values.length; i++) {
                String[] pair = w.zeros(2);
                factors[i] = pair;
                String at = "[" + address + "+" + (offset + 32 * i) + "]";
                w.when(inside[i], () -> w.op("ld.global.v2.f32", PtxWriter.list(pair), at));
            }
            for (int i = 0; i < values.length; i++) {
                for (int j = 0; j < 4; j++) {
                    w.op(opcode, values[i][j], values[i][j], factors[i][j % 2]);
                }
            }
        });
    }

    private void addResidual(String[] address, int offset, String[][] values, String[] inside, String[] exists) {
        w.ifPresent(operands.residual().base(), () -> {
            String[][] addends = new String[2 * values.length][];
            for (int i = 0; i < addends.length; i++) {
                String at = "[" + address[i % 2] + "+" + (offset + i / 2 * 8 * type.bytes()) + "]";
                String there = w.p("and.pred", inside[i / 2], exists[i % 2]);
                String[] target = type == DType.F32 ? w.zeros(2) : new String[] {w.i("mov.u32", 0)};
                addends[i] = target;
                if (type == DType.F32) {
                    w.when(there, () -> w.op("ld.global.v2.f32", PtxWriter.list(target), at));
                } else {
                    w.when(there, () -> w.op("ld.global.b32", target[0], at));
                }
            }
            for (int i = 0; i < addends.length; i++) {
                String[] value = values[i / 2];
                int at = i % 2 * 2;
                String[] pair = type.isHalf() ? Halves.unpack(w, type, addends[i][0]) : addends[i];
                w.op("add.f32", value[at], value[at], pair[0]);
                w.op("add.f32", value[at + 1], value[at + 1], pair[1]);
            }
        });
    }

    private void storeFloats(String[] address, int offset, String[][] values, String[] inside, String[] exists) {
        for (int i = 0; i < 2 * values.length; i++) {
            String at = "[" + address[i % 2] + "+" + (offset + i / 2 * 32) + "]";
            String pair = PtxWriter.list(values[i / 2][i % 2 * 2], values[i / 2][i % 2 * 2 + 1]);
            w.when(w.p("and.pred", inside[i / 2], exists[i % 2]), () -> w.op("st.global.v2.f32", at, pair));
        }
    }

    /** Lane t of four stores 8 columns of fragment t. */
    private void storeFour(
            String[] address, int column, String[][] values, String left, String[] exists, String quarter) {
        String mine = w.p("setp.gt.s32", w.i("sub.s32", left, w.i("shl.b32", quarter, 3)), column);
        for (int half = 0; half < 2; half++) {
            String[] words = new String[4];
            for (int i = 0; i < 4; i++) {
                words[i] = pack(values[i], half);
            }
            exchange(words, quarter);
            String at = "[" + address[half] + "+" + 2 * column + "]";
            w.when(w.p("and.pred", mine, exists[half]), () -> w.op("st.global.v4.b32", at, PtxWriter.list(words)));
        }
    }

    /** Of two fragments, lanes 0 and 1 store the upper rows, lanes 2 and 3 the lower ones. */
    private void storeTwo(String row, String rows, String column, String columns, String[][] values, String quarter) {
        String[] words = {pack(values[0], 0), pack(values[1], 0), pack(values[0], 1), pack(values[1], 1)};
        exchange(words, quarter);
        String mineRow = w.i("mad.lo.s32", w.i("shr.u32", quarter, 1), 8, row);
        String mineColumn = w.i("mad.lo.s32", w.i("and.b32", quarter, 1), 8, column);
        String there = w.p("setp.lt.s32", mineRow, rows);
        String inside = w.p("setp.lt.s32", mineColumn, columns);
        String at = y.at(mineRow, mineColumn);
        w.when(w.p("and.pred", there, inside), () -> w.op("st.global.v4.b32", "[" + at + "]", PtxWriter.list(words)));
    }

    private String pack(String[] fragment, int half) {
        return Halves.packSaturated(w, type, fragment[2 * half + 1], fragment[2 * half]);
    }

    /** Transposes 4 words over 4 lanes: afterwards word s of lane t is what word t of lane s was. */
    private void exchange(String[] words, String quarter) {
        for (int bit = 1; bit <= 2; bit *= 2) {
            String upper = w.p("setp.ne.s32", w.i("and.b32", quarter, bit), 0);
            for (int i = 0; i < 4; i++) {
                if ((i & bit) == 0) {
                    String low = words[i];
                    String high = words[i + bit];
                    String sent = w.i("selp.b32", low, high, upper);
                    String got = w.i("shfl.sync.bfly.b32", sent, bit, "0x1f", PtxWriter.ALL_LANES);
                    words[i] = w.i("selp.b32", got, low, upper);
                    words[i + bit] = w.i("selp.b32", high, got, upper);
                }
            }
        }
    }
}
