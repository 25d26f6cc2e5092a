package dev.sam2j.cuda.pictures;

import dev.sam2j.cuda.device.CudaDevice;
import dev.sam2j.cuda.device.DeviceMatrix;
import dev.sam2j.cuda.device.Launch;
import dev.sam2j.cuda.ptx.OutputPixel;
import dev.sam2j.cuda.ptx.PtxKernel;
import dev.sam2j.cuda.ptx.PtxSource;
import dev.sam2j.cuda.ptx.PtxWriter;
import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.MaskBits;
import dev.sam2j.tensor.Pending;
import dev.sam2j.tensor.Tensor;
import java.nio.LongBuffer;

/** {@link CudaThresholdMask} that counts pixels. */
final class CudaMaskStatistics {
    private static final int COUNTER_BYTES = 8;
    /** Blocks that suffice to keep a device busy while every warp adds to the counters only once. */
    private static final int MAX_BLOCKS = 512;

    private CudaMaskStatistics() {}

    static Pending<MaskBits> run(
            CudaDevice device, Tensor logits, int height, int width, float low, float middle, float high) {
        device.graphs().refuse("downloads a mask");
        DeviceMatrix map = device.contiguous(logits, logits.dtype());
        int words = MaskBits.words(height, width);
        long counters = device.scratch(COUNTER_BYTES + 8L * words); // then the bits, so that one copy gets both
        device.driver().fill(counters, COUNTER_BYTES, (byte) 0);
        Launch launch = device.launch(new Kernel(map.type()));
        LogitMap.arguments(launch, logits, map, counters + COUNTER_BYTES, height, width)
                .real("low", low)
                .real("middle", middle)
                .real("high", high)
                .pointer("counters", counters)
                .over(Math.min(64L * words, (long) MAX_BLOCKS * OutputPixel.THREADS));
        return device.readbacks().copy(device, counters, COUNTER_BYTES + 8L * words, memory -> {
            LongBuffer found = memory.asLongBuffer();
            long counts = found.get();
            long[] bits = new long[words];
            found.get(bits);
            return new MaskBits(bits, (int) counts, (int) (counts >>> 32));
        });
    }

    /**
     * {@link CudaThresholdMask.Kernel} that also adds the numbers of pixels above a lower and a higher threshold to two
     * 32-bit counters, which the caller has cleared. Any number of blocks does; each thread steps over pixels, and a
     * warp adds to the counters once.
     */
    public record Kernel(DType type) implements PtxSource {
        @Override
        public PtxKernel write() {
            PtxWriter w = new PtxWriter(
                    "mask_statistics_" + type.label(),
                    OutputPixel.THREADS,
                    "bit i of out = bilinear(x) at pixel i > middle; counters += pixels above low, above high.");
            LogitMap logits = LogitMap.parameters(w, type);
            String low = w.real("low");
            String middle = w.real("middle");
            String high = w.real("high");
            String counters = w.pointer("counters");
            String first = w.globalThread();
            String leader = w.p("setp.eq.s32", w.i("and.b32", first, 31), 0);
            String pixels = w.i("mul.lo.s32", logits.height(), logits.width());
            String lastPixel = w.i("sub.s32", pixels, 1);
            String end = w.i("shl.b32", w.i("shr.u32", w.i("add.s32", pixels, 63), 6), 6);
            String step = w.i("mul.lo.s32", w.i("mov.u32", "%nctaid.x"), OutputPixel.THREADS);
            String aboveLow = w.i("mov.u32", 0);
            String aboveHigh = w.i("mov.u32", 0);
            // a warp's indices are all below the end or all past it
            w.loop(first, end, step, index -> {
                String inside = w.p("setp.lt.s32", index, pixels);
                String clamped = w.i("min.s32", index, lastPixel);
                String value = logits.at(clamped);
                w.op("add.s32", aboveLow, aboveLow, w.i("popc.b32", logits.ballot(value, low, inside)));
                w.op("add.s32", aboveHigh, aboveHigh, w.i("popc.b32", logits.ballot(value, high, inside)));
                String word = logits.ballot(value, middle, inside);
                String at = w.address(logits.bits(), w.i("shr.u32", index, 5), 4);
                w.when(leader, () -> w.op("st.global.b32", "[" + at + "]", word));
            });
            w.when(leader, () -> {
                w.op("red.global.add.u32", "[" + counters + "]", aboveLow);
                w.op("red.global.add.u32", "[" + counters + "+4]", aboveHigh);
            });
            return w.build();
        }
    }
}
