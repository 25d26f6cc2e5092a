package dev.sam2j.cuda.ptx.interpreter;

import java.util.List;
import java.util.Map;

/**
 * One {@code .entry} of a module.
 *
 * @param name name of the entry
 * @param parameters parameters in order
 * @param sharedBytes size of the static shared variables
 * @param localBytes size of the local variables of a thread
 * @param registers size of the register file of a thread, constants and special registers included
 * @param constants registers with a fixed value
 * @param specials registers with a value that the launch gives, by name ({@code %tid.x})
 * @param instructions the code
 * @param steps the code, decoded
 */
record KernelCode(
        String name,
        List<Parameter> parameters,
        int sharedBytes,
        int localBytes,
        int registers,
        Map<Integer, Long> constants,
        Map<String, Integer> specials,
        List<Instruction> instructions,
        Step[] steps) {

    /** A kernel parameter: PTX type ({@code u64}), name and byte offset in the parameter block. */
    record Parameter(String type, String name, int offset) {
        int bytes() {
            return Types.bytes(type);
        }
    }
}
