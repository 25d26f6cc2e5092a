package dev.sam2j.cpu.x86;

import java.io.ByteArrayOutputStream;

/**
 * Writes the x86-64 instructions that {@link Bf16Code} needs, as Intel's Software Developer's Manual (volume 2)
 * encodes them. Vectors are 512 bits wide ({@code zmm}); a memory operand is a general register and a displacement of
 * 32 bits.
 */
final class Assembler {
    /** General registers by number. */
    enum Register {
        RAX,
        RCX,
        RDX,
        RBX,
        RSP,
        RBP,
        RSI,
        RDI,
        R8,
        R9,
        R10,
        R11,
        R12,
        R13,
        R14,
        R15
    }

    /** Opcode maps and mandatory prefixes as the fields mmm and pp of an EVEX prefix number them. */
    private static final int MAP_0F = 1;

    private static final int MAP_0F38 = 2;
    private static final int NO_PREFIX = 0;
    private static final int PREFIX_66 = 1;
    private static final int PREFIX_F3 = 2;

    private final ByteArrayOutputStream code = new ByteArrayOutputStream();

    /** The code so far. */
    byte[] toByteArray() {
        return code.toByteArray();
    }

    /** The place of the next instruction, for a jump back. */
    int here() {
        return code.size();
    }

    /** {@code vmovups zmm, [base + displacement]}. */
    void load(int zmm, Register base, int displacement) {
        evexMemory(NO_PREFIX, MAP_0F, 0x10, zmm, base, displacement);
    }

    /** {@code vmovups [base + displacement], zmm}. */
    void store(Register base, int displacement, int zmm) {
        evexMemory(NO_PREFIX, MAP_0F, 0x11, zmm, base, displacement);
    }

    /** {@code vpbroadcastd zmm, dword [base + displacement]}. */
    void broadcast(int zmm, Register base, int displacement) {
        evexMemory(PREFIX_66, MAP_0F38, 0x58, zmm, base, displacement);
    }

    /** {@code vdpbf16ps sum, a, b}: adds the products of both bfloat16 values of each 32 bits to a float32. */
    void dotBf16(int sum, int a, int b) {
        evexRegisters(PREFIX_F3, MAP_0F38, 0x52, sum, a, b);
    }

    /** {@code vzeroupper}: what SSE code that follows expects. */
    void clearUpper() {
        bytes(0xc5, 0xf8, 0x77);
    }

    /** {@code mov to, from}. */
    void move(Register to, Register from) {
        registers(0x89, from.ordinal(), to);
    }

    /** {@code add to, from}. */
    void add(Register to, Register from) {
        registers(0x01, from.ordinal(), to);
    }

    /** {@code add to, value}. */
    void add(Register to, int value) {
        registers(0x81, 0, to);
        int32(value);
    }

    /** {@code dec register}. */
    void decrement(Register register) {
        registers(0xff, 1, register);
    }

    /** {@code mov to, [rsp + displacement]}, 0 to 127. */
    void loadFromStack(Register to, int displacement) {
        bytes(0x48 | to.ordinal() >> 3 << 2, 0x8b, 0x44 | (to.ordinal() & 7) << 3, 0x24, displacement);
    }

    /** {@code push register}. */
    void push(Register register) {
        stack(0x50, register);
    }

    /** {@code pop register}. */
    void pop(Register register) {
        stack(0x58, register);
    }

    /** {@code jnz target}. */
    void jumpIfNotZero(int target) {
        bytes(0x0f, 0x85);
        int32(target - (here() + Integer.BYTES));
    }

    /** {@code ret}. */
    void returnToCaller() {
        bytes(0xc3);
    }

    /** REX.W, an opcode and two registers, of which the first may be part of the opcode. */
    private void registers(int opcode, int reg, Register rm) {
        bytes(0x48 | reg >> 3 << 2 | rm.ordinal() >> 3, opcode, 0xc0 | (reg & 7) << 3 | rm.ordinal() & 7);
    }

    private void stack(int opcode, Register register) {
        if (register.ordinal() >= 8) {
            bytes(0x41);
        }
        bytes(opcode | register.ordinal() & 7);
    }

    private void evexMemory(int prefix, int map, int opcode, int zmm, Register base, int displacement) {
        evex(prefix, map, zmm, 0, base.ordinal() >> 3, 0);
        int rm = base.ordinal() & 7;
        bytes(opcode, 0x80 | (zmm & 7) << 3 | rm);
        if (rm == 4) {
            bytes(0x24); // rsp and r12 need an index byte: none
        }
        int32(displacement);
    }

    private void evexRegisters(int prefix, int map, int opcode, int zmm, int second, int third) {
        evex(prefix, map, zmm, second, third >> 3 & 1, third >> 4);
        bytes(opcode, 0xc0 | (zmm & 7) << 3 | third & 7);
    }

    /**
     * Prefix of an instruction on 512 bits without mask. It holds bits 3 and 4 of the registers' numbers, inverted.
     *
     * @param b bit 3 of the third operand
     * @param x bit 4 of the third operand
     */
    private void evex(int prefix, int map, int zmm, int second, int b, int x) {
        int first = (zmm >> 3 & 1) << 7 | x << 6 | b << 5 | zmm >> 4 << 4;
        bytes(0x62, first ^ 0xf0 | map, (~second & 0xf) << 3 | 0x04 | prefix, 0x40 | (~second >> 4 & 1) << 3);
    }

    private void int32(int value) {
        bytes(value, value >> 8, value >> 16, value >> 24);
    }

    private void bytes(int... values) {
        for (int value : values) {
            code.write(value);
        }
    }
}
