package dev.sam2j.cuda.ptx;

import dev.sam2j.tensor.DType;
import java.util.List;
import java.util.stream.Stream;

/** Which element types kernels are made for. */
public final class ElementTypes {
    /** The types of two bytes, which tensor cores multiply. */
    public static final List<DType> HALVES = List.of(DType.F16, DType.BF16);
    /** The types that bfloat16 rounds. */
    public static final List<DType> FINER_THAN_BF16 = List.of(DType.F32, DType.F16);

    private ElementTypes() {}

    /** Types that occur in one kernel together with this one: a model has one half type beside float32. */
    public static List<DType> companions(DType type) {
        return Stream.of(DType.values())
                .filter(other -> type == DType.F32 || other == DType.F32 || other == type)
                .toList();
    }
}
