package dev.sam2j.cpu.x86;

import static dev.sam2j.cpu.x86.Assembler.Register.R10;
import static dev.sam2j.cpu.x86.Assembler.Register.R11;
import static dev.sam2j.cpu.x86.Assembler.Register.R12;
import static dev.sam2j.cpu.x86.Assembler.Register.R13;
import static dev.sam2j.cpu.x86.Assembler.Register.R14;
import static dev.sam2j.cpu.x86.Assembler.Register.R8;
import static dev.sam2j.cpu.x86.Assembler.Register.R9;
import static dev.sam2j.cpu.x86.Assembler.Register.RAX;
import static dev.sam2j.cpu.x86.Assembler.Register.RBX;
import static dev.sam2j.cpu.x86.Assembler.Register.RCX;
import static dev.sam2j.cpu.x86.Assembler.Register.RDI;
import static dev.sam2j.cpu.x86.Assembler.Register.RDX;
import static dev.sam2j.cpu.x86.Assembler.Register.RSI;

import dev.sam2j.cpu.x86.Assembler.Register;

/**
 * Machine code of products with bfloat16 factors and float32 sums. It uses the AVX512_BF16 instructions of x86-64,
 * which multiply twice as many bfloat16 values as float32 values in the same time and which no Java code reaches.
 *
 * <p>A word is 32 bits, two bfloat16 factors. A step multiplies a word of the left factor, broadcast, by vectors of
 * words of the right one, and adds both products of each word to a sum. Code follows the System V calling convention;
 * strides and steps are in bytes. Sums start from rows in memory; a stride of 0 repeats one row.
 */
public final class Bf16Code {
    /** Words, or sums, in a vector. */
    public static final int LANES = 16;

    /** Bytes of a vector. */
    private static final int VECTOR = LANES * Float.BYTES;

    /** Rows, or columns, of the left factor in a tile: two vectors of sums each, beside 8 vectors for factors. */
    public static final int ROWS = 12;

    /** Addresses that every function takes first. */
    public static final int POINTERS = 4;

    /** Integers that every function takes behind them: one signature is linked faster than two. */
    public static final int NUMBERS = 6;

    private static final int PANEL = 2 * ROWS;
    private static final int FIRST_BROADCAST = PANEL + 2;
    private static final int BROADCASTS = 6;

    private final Assembler code = new Assembler();
    private final int vectors;

    private Bf16Code(int vectors) {
        this.vectors = vectors;
    }

    /**
     * {@link #ROWS} rows by panels of two vectors: {@code c[i][j] = from[i][j] + sum_k a[i][k] panel[k][j]} for one
     * panel after the other.
     *
     * <p>Function (a, panel, from, c, depth, panels, panelStride, fromStride, fromStep, cStride): a panel has {@code
     * depth} (1 or more) rows without gaps; the next one lies {@code panelStride} further, what its sums start from
     * {@code fromStep} and c two vectors further. c may be {@code from}.
     *
     * @param aStride from one row of a to the next
     */
    public static byte[] tiles(int aStride) {
        Bf16Code code = new Bf16Code(2);
        code.writeTiles(aStride);
        return code.code.toByteArray();
    }

    /**
     * Columns by one panel of one or two vectors: {@code c[i][j] = from[i][j] + sum_k p[k][i] panel[k][j]}, tile after
     * tile of {@link #ROWS} columns i.
     *
     * <p>Function (p, panel, from, c, depth, tiles, unused, fromStride, unused, cStride), {@code depth} rows of each
     * factor; c may be {@code from}.
     *
     * @param pStride from one row of p to the next
     */
    public static byte[] columns(int vectors, int pStride) {
        Bf16Code code = new Bf16Code(vectors);
        code.writeColumns(pStride);
        return code.code.toByteArray();
    }

    private void writeTiles(int aStride) {
        Register a = RDI;
        Register panel = RSI;
        Register from = RDX;
        Register c = RCX;
        Register depth = R8;
        Register panels = R9;
        Register panelStride = R12;
        Register fromStride = R13;
        Register fromStep = R14;
        Register cStride = R11;
        Register[] saved = {RBX, R12, R13, R14};
        enter(saved);
        argument(0, panelStride, saved);
        argument(1, fromStride, saved);
        argument(2, fromStep, saved);
        argument(3, cStride, saved);
        int nextPanel = code.here();
        code.move(RAX, from);
        loadSums(RAX, fromStride);
        sum(a, aStride, Float.BYTES, panel, depth);
        code.move(RAX, c);
        storeSums(RAX, cStride);
        code.add(panel, panelStride);
        code.add(from, fromStep);
        code.add(c, vectors * VECTOR);
        code.decrement(panels);
        code.jumpIfNotZero(nextPanel);
        leave(saved);
    }

    private void writeColumns(int pStride) {
        Register p = RDI;
        Register panel = RSI;
        Register from = RDX;
        Register c = RCX;
        Register depth = R8;
        Register tiles = R9;
        Register fromStride = R12;
        Register cStride = R11;
        Register[] saved = {RBX, R12};
        enter(saved);
        argument(1, fromStride, saved);
        argument(3, cStride, saved);
        int nextTile = code.here();
        loadSums(from, fromStride);
        sum(p, Float.BYTES, pStride, panel, depth);
        storeSums(c, cStride);
        code.add(p, ROWS * Float.BYTES);
        code.decrement(tiles);
        code.jumpIfNotZero(nextTile);
        leave(saved);
    }

    /**
     * Adds {@code depth} products to all sums; uses rax, rbx and r10.
     *
     * @param words the first words of the left factor, {@code stride} apart; the next ones are {@code step} further
     */
    private void sum(Register words, int stride, int step, Register panel, Register depth) {
        code.move(RAX, words);
        code.move(RBX, panel);
        code.move(R10, depth);
        int nextWord = code.here();
        multiply(RAX, stride, RBX);
        code.add(RAX, step);
        code.decrement(R10);
        code.jumpIfNotZero(nextWord);
    }

    /** One step of all sums: a word of each row, {@code stride} apart, by a row of the panel, which moves on. */
    private void multiply(Register words, int stride, Register panel) {
        for (int v = 0; v < vectors; v++) {
            code.load(PANEL + v, panel, v * VECTOR);
        }
        for (int i = 0; i < ROWS; i++) {
            int word = FIRST_BROADCAST + i % BROADCASTS;
            code.broadcast(word, words, i * stride);
            for (int v = 0; v < vectors; v++) {
                code.dotBf16(i * vectors + v, PANEL + v, word);
            }
        }
        code.add(panel, vectors * VECTOR);
    }

    /** Loads all sums from rows from {@code at} on; that moves behind them. */
    private void loadSums(Register at, Register stride) {
        for (int i = 0; i < ROWS; i++) {
            for (int v = 0; v < vectors; v++) {
                code.load(i * vectors + v, at, v * VECTOR);
            }
            code.add(at, stride);
        }
    }

    private void storeSums(Register at, Register stride) {
        for (int i = 0; i < ROWS; i++) {
            for (int v = 0; v < vectors; v++) {
                code.store(at, v * VECTOR, i * vectors + v);
            }
            code.add(at, stride);
        }
    }

    private void enter(Register... saved) {
        for (Register register : saved) {
            code.push(register);
        }
    }

    /** Loads an argument behind the six in registers: it lies above the saved registers and the return address. */
    private void argument(int number, Register to, Register... saved) {
        code.loadFromStack(to, (saved.length + 1 + number) * Long.BYTES);
    }

    private void leave(Register... saved) {
        code.clearUpper();
        for (int i = saved.length - 1; i >= 0; i--) {
            code.pop(saved[i]);
        }
        code.returnToCaller();
    }
}
