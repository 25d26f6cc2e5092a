package dev.sam2j.cuda.pictures;

import dev.sam2j.cuda.device.CudaDevice;
import dev.sam2j.cuda.device.DeviceMatrix;
import dev.sam2j.cuda.ptx.OutputPixel;
import dev.sam2j.cuda.ptx.PtxKernel;
import dev.sam2j.cuda.ptx.PtxSource;
import dev.sam2j.cuda.ptx.PtxWriter;
import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.MaskBits;
import dev.sam2j.tensor.Pending;
import dev.sam2j.tensor.Tensor;

/** {@link dev.sam2j.tensor.Backend#thresholdMask}: one kernel for one threshold, another where pixels are counted. */
public final class CudaThresholdMask {
    private CudaThresholdMask() {}

    /** Queues the operation. */
    public static Pending<MaskBits> run(
            CudaDevice device, Tensor logits, int height, int width, float low, float threshold, float high) {
        return low == threshold && threshold == high
                ? run(device, logits, height, width, threshold)
                : CudaMaskStatistics.run(device, logits, height, width, low, threshold, high);
    }

    private static Pending<MaskBits> run(CudaDevice device, Tensor logits, int height, int width, float threshold) {
        device.graphs().refuse("downloads a mask");
        DeviceMatrix map = device.contiguous(logits, logits.dtype());
        int words = MaskBits.words(height, width);
        long address = device.scratch(8L * words);
        LogitMap.arguments(device.launch(new Kernel(map.type())), logits, map, address, height, width)
                .real("threshold", threshold)
                .over(64L * words);
        return device.readbacks().copy(device, address, 8L * words, memory -> {
            long[] bits = new long[words];
            memory.asLongBuffer().get(bits);
            return MaskBits.of(bits);
        });
    }

    /**
     * Bilinear resampling of one logit map and comparison: bit i is set where pixel i exceeds the threshold. The grid
     * is over {@code ceil(height * width / 64) * 64} items.
     */
    public record Kernel(DType type) implements PtxSource {
        @Override
        public PtxKernel write() {
            PtxWriter w = new PtxWriter(
                    "threshold_mask_" + type.label(),
                    OutputPixel.THREADS,
                    "bit i of out = bilinear(x) at pixel i > threshold; a warp writes 32 bits.");
            LogitMap logits = LogitMap.parameters(w, type);
            String threshold = w.real("threshold");
            String index = w.globalThread();
            String pixels = w.i("mul.lo.s32", logits.height(), logits.width());
            String inside = w.p("setp.lt.s32", index, pixels);
            String clamped = w.i("min.s32", index, w.i("sub.s32", pixels, 1)); // all of the last warp must vote
            String word = logits.ballot(logits.at(clamped), threshold, inside);
            String words = w.i("shl.b32", w.i("shr.u32", w.i("add.s32", pixels, 63), 6), 1);
            String position = w.i("shr.u32", index, 5);
            String leader = w.p("setp.eq.s32", w.i("and.b32", index, 31), 0);
            String writes = w.p("and.pred", leader, w.p("setp.lt.s32", position, words));
            String at = w.address(logits.bits(), position, 4);
            w.when(writes, () -> w.op("st.global.b32", "[" + at + "]", word));
            return w.build();
        }
    }
}
