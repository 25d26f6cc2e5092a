package dev.sam2j.cuda.ptx.interpreter;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Loads, stores and atomics. Vector accesses are checked as one access of the whole width. */
final class MemorySteps {
    private static final int LANES = Warp.LANES;
    private static final List<String> HINTS = List.of("nc", "ca", "cg", "cs", "wb", "relaxed", "gpu");

    /** State spaces; accesses to the volatile global one may race: each is single and takes effect at once. */
    private enum Space {
        GLOBAL,
        VOLATILE,
        SHARED,
        LOCAL,
        PARAM;

        static Space of(String name) {
            for (Space space : values()) {
                if (space.toString().equals(name)) {
                    return space;
                }
            }
            throw new PtxException("unsupported state space " + name);
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private MemorySteps() {}

    static Step decode(Instruction instruction) {
        List<String> parts = Arrays.asList(
                instruction.opcode().replace("volatile.global", "volatile").split("\\."));
        Space space = Space.of(parts.get(1));
        String type = parts.get(parts.size() - 1);
        int width = 1;
        String operation = null;
        for (String part : parts.subList(2, parts.size() - 1)) {
            if (part.equals("v2") || part.equals("v4")) {
                width = part.charAt(1) - '0';
            } else if (!HINTS.contains(part)) {
                operation = part;
            }
        }
        boolean atomic = parts.get(0).equals("atom") || parts.get(0).equals("red");
        if (atomic != (operation != null)) {
            throw instruction.unsupported();
        }
        if (atomic) {
            return atomic(instruction, parts.get(0).equals("atom"), space, operation + "." + type);
        }
        return parts.get(0).equals("ld")
                ? load(instruction, space, type, width)
                : store(instruction, space, type, width);
    }

    private static Step load(Instruction instruction, Space space, String type, int width) {
        int bytes = Types.bytes(type);
        int[] targets = instruction.registers(0);
        Operand.Address address = instruction.address(1);
        if (targets.length != width) {
            throw instruction.unsupported();
        }
        return (warp, mask) -> {
            warp.use(address.base(), mask);
            countConflicts(warp, mask, space, address, bytes * width);
            for (int lanes = mask; lanes != 0; lanes &= lanes - 1) {
                int lane = Integer.numberOfTrailingZeros(lanes);
                long at = warp.registers[address.base() * LANES + lane] + address.offset();
                requireAligned(space, at, bytes * width);
                for (int i = 0; i < width; i++) {
                    long value = read(warp, lane, space, at + (long) i * bytes, bytes);
                    warp.registers[targets[i] * LANES + lane] = Types.isSigned(type) ? extend(value, bytes) : value;
                }
            }
            for (int target : targets) {
                warp.written(target, mask);
            }
        };
    }

    private static Step store(Instruction instruction, Space space, String type, int width) {
        int bytes = Types.bytes(type);
        int[] sources = instruction.registers(1);
        Operand.Address address = instruction.address(0);
        if (sources.length != width) {
            throw instruction.unsupported();
        }
        return (warp, mask) -> {
            warp.use(address.base(), mask);
            for (int source : sources) {
                warp.use(source, mask);
            }
            countConflicts(warp, mask, space, address, bytes * width);
            for (int lanes = mask; lanes != 0; lanes &= lanes - 1) {
                int lane = Integer.numberOfTrailingZeros(lanes);
                long at = warp.registers[address.base() * LANES + lane] + address.offset();
                requireAligned(space, at, bytes * width);
                for (int i = 0; i < width; i++) {
                    long value = warp.registers[sources[i] * LANES + lane];
                    write(warp, lane, space, at + (long) i * bytes, bytes, value);
                }
            }
        };
    }

    private static Step atomic(Instruction instruction, boolean returns, Space space, String operation) {
        int first = returns ? 1 : 0;
        int target = returns ? instruction.register(0) : -1;
        Operand.Address address = instruction.address(first);
        int source = instruction.register(first + 1);
        Alu.Function function = Alu.FUNCTIONS.get(operation);
        if (space != Space.GLOBAL || function == null || instruction.operands().size() != first + 2) {
            throw instruction.unsupported();
        }
        int bytes = Types.bytes(operation.substring(operation.lastIndexOf('.') + 1));
        return (warp, mask) -> {
            warp.use(address.base(), mask);
            warp.use(source, mask);
            for (int lanes = mask; lanes != 0; lanes &= lanes - 1) {
                int lane = Integer.numberOfTrailingZeros(lanes);
                long at = warp.registers[address.base() * LANES + lane] + address.offset();
                long value = warp.registers[source * LANES + lane];
                long before = warp.block.global().update(at, bytes, old -> function.apply(old, value, value));
                if (returns) {
                    warp.registers[target * LANES + lane] = before;
                }
            }
            if (returns) {
                warp.written(target, mask);
            }
        };
    }

    private static void countConflicts(Warp warp, int mask, Space space, Operand.Address address, int bytes) {
        if (space == Space.SHARED) {
            int base = address.base() * LANES;
            warp.block.addConflicts(
                    BankConflicts.count(mask, bytes, lane -> (int) warp.registers[base + lane] + address.offset()));
        }
    }

    private static void requireAligned(Space space, long address, int bytes) {
        if (address % bytes != 0) {
            throw new Fault(space + " address " + address % 65536 + " (mod 65536) is not a multiple of " + bytes);
        }
    }

    private static long extend(long value, int bytes) {
        return value << 64 - 8 * bytes >> 64 - 8 * bytes;
    }

    private static long read(Warp warp, int lane, Space space, long address, int bytes) {
        return switch (space) {
            case GLOBAL -> warp.block.global().read(address, bytes);
            case VOLATILE -> warp.block.global().update(address, bytes, value -> value);
            case SHARED -> warp.block.shared().read(warp, lane, address, bytes);
            case LOCAL -> GlobalMemory.readBytes(warp.local[lane], inside(address, bytes, warp.local[lane]), bytes);
            case PARAM ->
                GlobalMemory.readBytes(warp.block.parameters(), inside(address, bytes, warp.block.parameters()), bytes);
        };
    }

    private static void write(Warp warp, int lane, Space space, long address, int bytes, long value) {
        switch (space) {
            case GLOBAL -> warp.block.global().write(address, bytes, value);
            case VOLATILE -> warp.block.global().update(address, bytes, before -> value);
            case SHARED -> warp.block.shared().write(warp, lane, address, bytes, value);
            case LOCAL ->
                GlobalMemory.writeBytes(warp.local[lane], inside(address, bytes, warp.local[lane]), bytes, value);
            case PARAM -> throw new Fault("a store to a parameter");
        }
    }

    private static int inside(long address, int bytes, byte[] memory) {
        if (address < 0 || address + bytes > memory.length) {
            throw new Fault("out of bounds: offset " + address + " of " + memory.length);
        }
        return (int) address;
    }
}
