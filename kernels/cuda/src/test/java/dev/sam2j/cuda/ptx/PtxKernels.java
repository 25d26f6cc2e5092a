package dev.sam2j.cuda.ptx;

import dev.sam2j.cuda.attention.AttentionKernels;
import dev.sam2j.cuda.device.CudaCopy;
import dev.sam2j.cuda.pictures.PictureKernels;
import dev.sam2j.cuda.products.ProductKernels;
import dev.sam2j.cuda.rows.RowKernels;
import dev.sam2j.tensor.DType;
import java.util.ArrayList;
import java.util.List;

/** Every kernel variant, for checks that must leave none out. */
public final class PtxKernels {
    private PtxKernels() {}

    /** All variants, each with its own entry name. */
    public static List<PtxKernel> all() {
        List<PtxSource> sources = new ArrayList<>();
        for (DType in : DType.values()) {
            for (DType out : ElementTypes.companions(in)) {
                sources.add(new CudaCopy.Kernel(in, out, 1));
                sources.add(new CudaCopy.Kernel(in, out, 4));
            }
        }
        sources.addAll(RowKernels.all());
        sources.addAll(ProductKernels.all());
        sources.addAll(AttentionKernels.all());
        sources.addAll(PictureKernels.all());
        return sources.stream().map(PtxSource::write).toList();
    }
}
