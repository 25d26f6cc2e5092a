package dev.sam2j.cuda.ptx.interpreter;

import java.util.List;

/**
 * An operand whose names have been resolved. Immediates and special registers are registers filled before the start.
 */
sealed interface Operand {
    /** Index into the register file of a thread. */
    record Register(int index) implements Operand {}

    /** {@code [register + offset]}; the register is a constant for {@code [symbol + offset]}. */
    record Address(int base, int offset) implements Operand {}

    /** {@code {a, b, ...}}, indices of registers. */
    record Vector(List<Integer> registers) implements Operand {}

    /** Index of the instruction a branch goes to. */
    record Target(int instruction) implements Operand {}
}
