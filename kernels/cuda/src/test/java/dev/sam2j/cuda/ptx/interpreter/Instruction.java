package dev.sam2j.cuda.ptx.interpreter;

import java.util.List;

/**
 * One instruction.
 *
 * @param line line of the source, from 1
 * @param text source text without the semicolon
 * @param guard register of the predicate, or -1
 * @param negated whether the predicate is negated
 * @param opcode the full mnemonic, for example {@code ld.global.v4.f32}
 * @param operands operands in source order
 */
record Instruction(int line, String text, int guard, boolean negated, String opcode, List<Operand> operands) {
    int register(int operand) {
        if (operands.get(operand) instanceof Operand.Register register) {
            return register.index();
        }
        throw unsupported();
    }

    Operand.Address address(int operand) {
        if (operands.get(operand) instanceof Operand.Address address) {
            return address;
        }
        throw unsupported();
    }

    /** Registers of a vector operand; a single register is a vector of one. */
    int[] registers(int operand) {
        if (operands.get(operand) instanceof Operand.Vector vector) {
            return vector.registers().stream().mapToInt(Integer::intValue).toArray();
        }
        return new int[] {register(operand)};
    }

    int target(int operand) {
        if (operands.get(operand) instanceof Operand.Target target) {
            return target.instruction();
        }
        throw unsupported();
    }

    PtxException unsupported() {
        return new PtxException("line " + line + ": unsupported instruction: " + text);
    }
}
