package dev.sam2j.tensor;

/**
 * An operation that stands for several others, as a value: a record of its operands, whose constructor checks their
 * shapes. A backend that has a faster form computes that ({@link Backend#run}); on all others its steps run one by one.
 */
public interface FusedOp {
    /**
     * The operation step by step, which defines what every other form must compute. What it takes from the workspace
     * for intermediate results it gives back.
     */
    void unfused(Ops ops);
}
