package dev.sam2j.cuda.ptx.interpreter;

/** Exchange between the lanes of a warp. */
final class WarpSteps {
    private static final int LANES = Warp.LANES;

    private WarpSteps() {}

    static Step decode(Instruction instruction) {
        return switch (instruction.opcode()) {
            case "shfl.sync.bfly.b32", "shfl.sync.down.b32", "shfl.sync.up.b32", "shfl.sync.idx.b32" ->
                shuffle(instruction);
            case "vote.sync.ballot.b32", "vote.sync.any.pred", "vote.sync.all.pred" -> vote(instruction);
            default -> throw instruction.unsupported();
        };
    }

    /** {@code shfl.sync.mode.b32 d, a, b, c, members}; c must be 0x1f (0 for up): the whole warp is one segment. */
    private static Step shuffle(Instruction instruction) {
        String mode = instruction.opcode().split("\\.")[2];
        int d = instruction.register(0);
        int a = instruction.register(1);
        int b = instruction.register(2);
        int clamp = instruction.register(3);
        int members = instruction.register(4);
        return (warp, mask) -> {
            warp.requireMembers(mask, members);
            warp.use(a, mask);
            warp.use(b, mask);
            long[] r = warp.registers;
            if ((int) r[clamp * LANES] != (mode.equals("up") ? 0 : 0x1f)) {
                throw new Fault("shfl with segments is not supported");
            }
            long[] values = new long[LANES];
            System.arraycopy(r, a * LANES, values, 0, LANES);
            for (int lanes = mask; lanes != 0; lanes &= lanes - 1) {
                int lane = Integer.numberOfTrailingZeros(lanes);
                int delta = (int) r[b * LANES + lane];
                int from = switch (mode) {
                    case "bfly" -> lane ^ delta;
                    case "down" -> lane + delta;
                    case "up" -> lane - delta;
                    default -> delta & 31;
                };
                from = from < 0 || from >= LANES ? lane : from;
                if ((mask >>> from & 1) == 0) {
                    throw new Fault("shfl reads lane " + from + ", which does not take part");
                }
                r[d * LANES + lane] = values[from];
            }
            warp.written(d, mask);
        };
    }

    private static Step vote(Instruction instruction) {
        String mode = instruction.opcode().split("\\.")[2];
        int d = instruction.register(0);
        int a = instruction.register(1);
        int members = instruction.register(2);
        return (warp, mask) -> {
            warp.requireMembers(mask, members);
            warp.use(a, mask);
            int ballot = 0;
            for (int lanes = mask; lanes != 0; lanes &= lanes - 1) {
                int lane = Integer.numberOfTrailingZeros(lanes);
                ballot |= warp.registers[a * LANES + lane] != 0 ? 1 << lane : 0;
            }
            long result = switch (mode) {
                case "ballot" -> ballot & 0xffffffffL;
                case "any" -> ballot != 0 ? 1 : 0;
                default -> ballot == mask ? 1 : 0;
            };
            for (int lanes = mask; lanes != 0; lanes &= lanes - 1) {
                warp.registers[d * LANES + Integer.numberOfTrailingZeros(lanes)] = result;
            }
            warp.written(d, mask);
        };
    }
}
