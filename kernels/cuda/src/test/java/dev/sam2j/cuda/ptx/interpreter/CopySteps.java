package dev.sam2j.cuda.ptx.interpreter;

/**
 * {@code cp.async}: the source is read when the copy starts, the destination is written when its group is waited for,
 * which is the latest moment a GPU may choose; until then every access to the destination is an error.
 */
final class CopySteps {
    private static final int LANES = Warp.LANES;

    private CopySteps() {}

    static Step decode(Instruction instruction) {
        switch (instruction.opcode()) {
            case "cp.async.commit_group":
                return (warp, mask) -> forEachLane(mask, warp::commitCopies);
            case "cp.async.wait_all":
                return (warp, mask) -> forEachLane(mask, lane -> warp.waitForCopies(lane, -1));
            case "cp.async.wait_group":
                int count = instruction.register(0);
                return (warp, mask) ->
                        forEachLane(mask, lane -> warp.waitForCopies(lane, (int) warp.registers[count * LANES + lane]));
            case "cp.async.cg.shared.global", "cp.async.ca.shared.global":
                return copy(instruction);
            default:
                throw instruction.unsupported();
        }
    }

    private static Step copy(Instruction instruction) {
        Operand.Address destination = instruction.address(0);
        Operand.Address source = instruction.address(1);
        int size = instruction.register(2);
        int sourceSize = instruction.register(Math.min(3, instruction.operands().size() - 1));
        boolean bypass = instruction.opcode().contains(".cg.");
        return (warp, mask) -> {
            warp.use(destination.base(), mask);
            warp.use(source.base(), mask);
            warp.use(sourceSize, mask);
            forEachLane(mask, lane -> {
                int bytes = (int) warp.registers[size * LANES + lane];
                int given = (int) warp.registers[sourceSize * LANES + lane];
                if (bytes != 16 && (bypass || bytes != 4 && bytes != 8) || given < 0 || given > bytes) {
                    throw new Fault("cp.async of " + given + " of " + bytes + " bytes");
                }
                long from = warp.registers[source.base() * LANES + lane] + source.offset();
                long to = warp.registers[destination.base() * LANES + lane] + destination.offset();
                byte[] copied = new byte[bytes];
                if (given > 0) {
                    if (from % bytes != 0) {
                        throw new Fault("cp.async from an address that is not a multiple of " + bytes);
                    }
                    for (int i = 0; i < given; i++) {
                        copied[i] = (byte) warp.block.global().read(from + i, 1);
                    }
                }
                warp.addCopy(lane, new Warp.Copy(warp.block.shared().startCopy(warp, lane, to, bytes), copied));
            });
        };
    }

    /** Something done for one lane. */
    private interface LaneAction {
        void run(int lane);
    }

    private static void forEachLane(int mask, LaneAction action) {
        for (int lanes = mask; lanes != 0; lanes &= lanes - 1) {
            action.run(Integer.numberOfTrailingZeros(lanes));
        }
    }
}
