package dev.sam2j.cuda.rows;

import dev.sam2j.cuda.ptx.ElementTypes;
import dev.sam2j.cuda.ptx.PtxSource;
import dev.sam2j.tensor.DType;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;

/** Every variant of the kernels for rows. */
public final class RowKernels {
    private RowKernels() {}

    /** More columns than the longest row in registers has. */
    private static final int MOST_COLUMNS = 2048;

    /** Every layout of {@link LayerNormRegistersKernel.Updating}. */
    static List<LayerNormRegistersKernel.Layout> updatingLayouts() {
        return IntStream.range(1, MOST_COLUMNS / 4)
                .mapToObj(chunks -> LayerNormRegistersKernel.Layout.updating(4 * chunks))
                .filter(Objects::nonNull)
                .distinct()
                .toList();
    }

    /** Every layout for an input type. */
    static List<LayerNormRegistersKernel.Layout> layouts(DType in) {
        Set<LayerNormRegistersKernel.Layout> layouts = new LinkedHashSet<>();
        for (int columns = 4; columns < MOST_COLUMNS; columns += 4) {
            for (boolean activated : new boolean[] {false, true}) {
                layouts.add(LayerNormRegistersKernel.Layout.of(in, columns, columns % 8 == 0 ? 8 : 4, activated));
            }
        }
        layouts.remove(null);
        return List.copyOf(layouts);
    }

    /** All variants. */
    public static List<PtxSource> all() {
        List<PtxSource> kernels = new ArrayList<>();
        for (DType in : DType.values()) {
            for (int width : new int[] {1, 4}) {
                kernels.add(new CudaAdd.Kernel(in, width));
                kernels.add(new CudaPick.Kernel(in, width));
                kernels.add(new CudaWhere.Kernel(in, width));
                kernels.add(new CudaUnary.Kernel(in, width));
            }
            kernels.add(new CudaRotary.Kernel(in, true));
            kernels.add(new CudaRotary.Kernel(in, false));
            for (DType out : ElementTypes.companions(in)) {
                kernels.add(new CudaLayerNorm.Kernel(in, out, 1));
                kernels.add(new CudaLayerNorm.Kernel(in, out, 4));
                for (LayerNormRegistersKernel.Layout layout : layouts(in)) {
                    kernels.add(new LayerNormRegistersKernel(in, out, layout));
                }
            }
        }
        for (DType half : ElementTypes.HALVES) {
            for (LayerNormRegistersKernel.Layout layout : updatingLayouts()) {
                kernels.add(new LayerNormRegistersKernel.Updating(half, layout));
            }
        }
        for (DType in : ElementTypes.FINER_THAN_BF16) {
            for (DType out : ElementTypes.FINER_THAN_BF16) {
                kernels.add(new CudaRoundToBf16.Kernel(in, out, 1));
                kernels.add(new CudaRoundToBf16.Kernel(in, out, 4));
            }
        }
        return kernels;
    }
}
