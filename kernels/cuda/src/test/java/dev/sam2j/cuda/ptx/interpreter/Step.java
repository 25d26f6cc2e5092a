package dev.sam2j.cuda.ptx.interpreter;

/** A decoded instruction. */
@FunctionalInterface
interface Step {
    /** Executes the instruction for the lanes in {@code mask}, which is not 0. */
    void run(Warp warp, int mask);
}
