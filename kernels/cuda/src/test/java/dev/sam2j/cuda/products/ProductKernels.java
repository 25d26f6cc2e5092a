package dev.sam2j.cuda.products;

import dev.sam2j.cuda.ptx.ElementTypes;
import dev.sam2j.cuda.ptx.PtxSource;
import dev.sam2j.tensor.Activation;
import dev.sam2j.tensor.DType;
import java.util.ArrayList;
import java.util.List;

/** Every variant of the kernels for products. */
public final class ProductKernels {
    private ProductKernels() {}

    /** Every kernel for many rows that a plan may ask for. */
    public static List<HopperGemmConfig> gemmConfigs() {
        List<HopperGemmConfig> configs = new ArrayList<>();
        for (DType factors : ElementTypes.HALVES) {
            for (int[] tile : GemmPlanner.TILES) {
                for (Activation activation : Activation.values()) {
                    for (DType out : ElementTypes.companions(factors)) {
                        if (GemmPlanner.exists(activation, out)) {
                            configs.add(GemmPlanner.config(factors, tile, activation, out));
                        }
                    }
                }
            }
        }
        return configs;
    }

    /** All variants. */
    public static List<PtxSource> all() {
        List<PtxSource> kernels = new ArrayList<>(gemmConfigs());
        for (DType in : DType.values()) {
            for (DType out : ElementTypes.companions(in)) {
                for (int width : new int[] {1, 4, 8}) {
                    kernels.add(new CudaEpilogue.Kernel(in, out, width));
                }
                kernels.add(new CudaConvTranspose2d.PixelShuffle(in, out, 1));
                kernels.add(new CudaConvTranspose2d.PixelShuffle(in, out, 4));
                for (Im2col.Access access : Im2col.Access.values()) {
                    kernels.add(new Im2col.Kernel(access, in, out));
                }
            }
        }
        for (DType half : ElementTypes.HALVES) {
            for (DType out : ElementTypes.companions(half)) {
                kernels.add(new FewRowsGemmKernel(half, out));
                for (DType in : ElementTypes.companions(half)) {
                    kernels.add(new DirectConvolution.Kernel(half, in, out, 1, 3));
                    kernels.add(new DirectConvolution.Kernel(half, in, out, 4, 3));
                }
            }
        }
        return kernels;
    }
}
