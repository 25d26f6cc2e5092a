package dev.sam2j.cuda.attention;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.cuda.ptx.ElementTypes;
import dev.sam2j.cuda.ptx.KernelRunner;
import dev.sam2j.cuda.ptx.Matrix;
import dev.sam2j.cuda.ptx.PtxKernel;
import dev.sam2j.cuda.ptx.PtxKernels;
import dev.sam2j.cuda.ptx.PtxWriter;
import dev.sam2j.cuda.ptx.interpreter.Launch;
import dev.sam2j.tensor.AttentionSpec;
import dev.sam2j.tensor.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Execution(ExecutionMode.CONCURRENT)
class AttentionKernelsTest {
    /** Scores up to about 20 with float32 steps of 2e-6 become relative errors of the weights; 3.4e-6 is seen. */
    private static final double F32_BOUND = 1e-5;
    /**
     * Rounding each probability to bf16 (relative 2^-9 on average, of either sign) moves sums of values; 3.2e-3 is
     * seen.
     */
    private static final double BF16_BOUND = 5e-3;

    /** Likewise to float16, relative 2^-12 on average; 7.1e-4 is seen. */
    private static final double F16_BOUND = 1e-3;

    private static double bound(DType half) {
        return half == DType.F16 ? F16_BOUND : BF16_BOUND;
    }

    private static final int HEADS = 2;

    private final Random random = new Random(5);
    private final KernelRunner runner = new KernelRunner();

    /** Which query row belongs to an output row, and which keys it sees; -1 is a padding key. */
    private interface KeysOf {
        List<Integer> of(int query);
    }

    private static float scaleLog2(int keyDim) {
        return (float) (1 / Math.sqrt(keyDim) / Math.log(2));
    }

    private static double[][] expected(
            Matrix q,
            Matrix k,
            Matrix v,
            Matrix padKey,
            Matrix padValue,
            int queries,
            int keys,
            int keyBatches,
            KeysOf keysOf) {
        double[][] left = q.values();
        double[][] right = k.values();
        double[][] values = v.values();
        double[] keyOfPadding = padKey == null ? null : padKey.values()[0];
        double[] valueOfPadding = padValue == null ? null : padValue.values()[0];
        double[][] result = new double[q.rows()][v.columns()];
        for (int row = 0; row < q.rows(); row++) {
            int base = row / queries % keyBatches * keys;
            List<Integer> visible = keysOf.of(row % queries);
            double[][] seenKeys = new double[visible.size()][];
            double[][] seenValues = new double[visible.size()][];
            for (int i = 0; i < seenKeys.length; i++) {
                int key = visible.get(i);
                seenKeys[i] = key < 0 ? keyOfPadding : right[base + key];
                seenValues[i] = key < 0 ? valueOfPadding : values[base + key];
            }
            for (int head = 0; head < HEADS; head++) {
                attend(left[row], seenKeys, seenValues, head, result[row]);
            }
        }
        return result;
    }

    /** One query of one head. */
    private static void attend(double[] query, double[][] keys, double[][] values, int head, double[] result) {
        int keyDim = query.length / HEADS;
        int valueDim = result.length / HEADS;
        double[] scores = new double[keys.length];
        for (int i = 0; i < scores.length; i++) {
            for (int d = head * keyDim; d < (head + 1) * keyDim; d++) {
                scores[i] += query[d] * keys[i][d];
            }
        }
        double best = Arrays.stream(scores).max().orElseThrow();
        double total = 0;
        for (int i = 0; i < scores.length; i++) {
            scores[i] = Math.exp((scores[i] - best) / Math.sqrt(keyDim));
            total += scores[i];
        }
        for (int i = 0; i < scores.length; i++) {
            for (int d = head * valueDim; d < (head + 1) * valueDim; d++) {
                result[d] += scores[i] / total * values[i][d];
            }
        }
    }

    private static List<Integer> range(int keys) {
        List<Integer> list = new ArrayList<>();
        for (int i = 0; i < keys; i++) {
            list.add(i);
        }
        return list;
    }

    static List<FlashAttentionConfig> flashConfigs() {
        return AttentionKernels.FLASH_ATTENTION.stream()
                .filter(c -> !c.windowed() && !c.split())
                .toList();
    }

    static List<FlashAttentionConfig> windowConfigs() {
        return AttentionKernels.FLASH_ATTENTION.stream()
                .filter(FlashAttentionConfig::windowed)
                .toList();
    }

    static List<FlashAttentionConfig> splitConfigs() {
        return AttentionKernels.FLASH_ATTENTION.stream()
                .filter(FlashAttentionConfig::split)
                .toList();
    }

    static List<HopperAttentionConfig> hopperConfigs() {
        return AttentionKernels.HOPPER_ATTENTION.stream()
                .filter(c -> !c.split())
                .toList();
    }

    static List<HopperAttentionConfig> hopperSplitConfigs() {
        return AttentionKernels.HOPPER_ATTENTION.stream()
                .filter(HopperAttentionConfig::split)
                .toList();
    }

    static List<HopperWindowConfig> hopperWindowConfigs() {
        return AttentionKernels.HOPPER_WINDOWS;
    }

    static List<int[]> headDims() {
        return List.of(AttentionKernels.HEAD_DIMS);
    }

    /** All shapes, or the first for kernels in float16 that otherwise are those in bfloat16, unless all tests run. */
    private static List<int[]> some(DType type, List<int[]> shapes) {
        return type == DType.F16 && !Boolean.getBoolean("sam2j.full") ? shapes.subList(0, 1) : shapes;
    }

    /** Whole keys: batch 2, shared or separate keys, query and key counts that fill no tile. */
    private Launch.Statistics global(
            PtxKernel kernel,
            PtxKernel.Grid grid,
            DType type,
            int dk,
            int dv,
            int queries,
            int keys,
            int keyBatches,
            double bound) {
        Matrix q = Matrix.random(2 * queries, HEADS * dk, HEADS * dk + 8, type, random);
        Matrix k = Matrix.random(keyBatches * keys, HEADS * dk, HEADS * dk, type, random);
        Matrix v = Matrix.random(keyBatches * keys, HEADS * dv, HEADS * dv + 16, type, random);
        Matrix y = Matrix.empty(2 * queries, HEADS * dv, HEADS * dv + 2, type);
        int shared = keyBatches - 1;
        Launch.Statistics statistics = runner.launch(
                kernel,
                grid,
                runner.in("q", q),
                q.stride(),
                queries * q.stride(),
                runner.in("k", k),
                k.stride(),
                shared * keys * k.stride(),
                runner.in("v", v),
                v.stride(),
                shared * keys * v.stride(),
                runner.out("y", y),
                y.stride(),
                queries * y.stride(),
                scaleLog2(dk),
                queries,
                keys);
        double[][] want = expected(q, k, v, null, null, queries, keys, keyBatches, query -> range(keys));
        y.check(kernel.entry() + " " + queries + " x " + keys, bound, (r, c) -> want[r][c]);
        return statistics;
    }

    private static PtxKernel.Grid grid(int blockQueries, int queries, int splits) {
        return FlashAttentionKernel.grid(
                blockQueries, new AttentionShape(DType.BF16, 8, 8, queries, 1, HEADS, 2), splits);
    }

    @ParameterizedTest
    @MethodSource("flashConfigs")
    void flashAttention(FlashAttentionConfig config) {
        PtxKernel kernel = config.write();
        int[][] shapes = {{9, 3, 1}, {config.blockQueries() + 5, 2 * config.keyTile() + 7, 2}};
        for (int[] shape : some(config.type(), List.of(shapes))) {
            Launch.Statistics statistics = global(
                    kernel,
                    grid(config.blockQueries(), shape[0], 1),
                    config.type(),
                    config.keyDim(),
                    config.valueDim(),
                    shape[0],
                    shape[1],
                    shape[2],
                    bound(config.type()));
            assertEquals(0, statistics.bankConflicts(), kernel.entry() + ": bank conflicts");
        }
    }

    @ParameterizedTest
    @MethodSource("hopperConfigs")
    void hopperAttention(HopperAttentionConfig config) {
        PtxKernel kernel = config.write();
        int tile = config.keyTile();
        int[][] shapes = {{9, 3, 1}, {HopperAttentionConfig.BLOCK_QUERIES + 5, 2 * tile + 7, 2}, {70, 3 * tile, 1}};
        for (int[] shape : some(config.type(), List.of(shapes))) {
            Launch.Statistics statistics = global(
                    kernel,
                    grid(HopperAttentionConfig.BLOCK_QUERIES, shape[0], 1),
                    config.type(),
                    config.keyDim(),
                    config.valueDim(),
                    shape[0],
                    shape[1],
                    shape[2],
                    bound(config.type()));
            assertEquals(0, statistics.bankConflicts(), kernel.entry() + ": bank conflicts");
        }
    }

    @ParameterizedTest
    @MethodSource("headDims")
    void f32Attention(int[] dims) {
        PtxKernel kernel = new AttentionF32Kernel.Config(dims[0], dims[1], false).write();
        PtxKernel.Grid grid = grid(AttentionF32Kernel.BLOCK_QUERIES, 21, 1);
        global(kernel, grid, DType.F32, dims[0], dims[1], 21, 71, 1, F32_BOUND);
        global(kernel, grid, DType.F32, dims[0], dims[1], 21, 32, 2, F32_BOUND);
    }

    /** A grid that its windows reach over (or not), queries pooled or not. */
    private Launch.Statistics windows(
            PtxKernel kernel, int blockQueries, DType type, int dim, int[] shape, double bound) {
        int height = shape[0];
        int width = shape[1];
        int size = shape[2];
        int stride = shape[3];
        int queryWidth = width / stride;
        int queries = height / stride * queryWidth;
        int keys = height * width;
        Matrix q = Matrix.random(2 * queries, HEADS * dim, HEADS * dim, type, random);
        Matrix k = Matrix.random(2 * keys, HEADS * dim, 3 * HEADS * dim, type, random);
        Matrix v = Matrix.random(2 * keys, HEADS * dim, 3 * HEADS * dim, type, random);
        boolean padded = height % size != 0 || width % size != 0;
        Matrix padKey = padded ? Matrix.random(1, HEADS * dim, HEADS * dim, type, random) : null;
        Matrix padValue = padded ? Matrix.random(1, HEADS * dim, HEADS * dim, type, random) : null;
        Matrix y = Matrix.empty(2 * queries, HEADS * dim, HEADS * dim + 2, type);
        Launch.Statistics statistics = runner.launch(
                kernel,
                FlashAttentionKernel.windowGrid(
                        blockQueries, new AttentionSpec.Windows(height, width, size, stride, null, null), HEADS, 2),
                runner.in("q", q),
                q.stride(),
                queries * q.stride(),
                runner.in("k", k),
                k.stride(),
                keys * k.stride(),
                runner.in("v", v),
                v.stride(),
                keys * v.stride(),
                runner.out("y", y),
                y.stride(),
                queries * y.stride(),
                scaleLog2(dim),
                height,
                width,
                size,
                stride,
                runner.in("pad key", padKey),
                runner.in("pad value", padValue));
        double[][] want = expected(q, k, v, padKey, padValue, queries, keys, 2, query -> {
            int top = query / queryWidth * stride / size * size;
            int left = query % queryWidth * stride / size * size;
            List<Integer> visible = new ArrayList<>();
            for (int i = top; i < top + size; i++) {
                for (int j = left; j < left + size; j++) {
                    visible.add(i < height && j < width ? i * width + j : -1);
                }
            }
            return visible;
        });
        y.check(kernel.entry() + " windows of " + size, bound, (r, c) -> want[r][c]);
        return statistics;
    }

    private static final int[][] WINDOW_SHAPES = {{8, 12, 4, 2}, {10, 9, 7, 1}, {14, 20, 14, 2}, {8, 8, 8, 1}};

    @ParameterizedTest
    @MethodSource("windowConfigs")
    void windowedFlashAttention(FlashAttentionConfig config) {
        for (int[] shape : some(config.type(), List.of(WINDOW_SHAPES))) {
            windows(config.write(), config.blockQueries(), config.type(), config.keyDim(), shape, bound(config.type()));
        }
    }

    /**
     * Windows with fewer and more keys than a tile, over the border and not, up to those that fit. Where most keys are
     * padding, the errors of their equal weights would add up.
     */
    @ParameterizedTest
    @MethodSource("hopperWindowConfigs")
    void windowedHopperAttention(HopperWindowConfig config) {
        PtxKernel kernel = config.write();
        List<int[]> shapes = new ArrayList<>(List.of(WINDOW_SHAPES));
        shapes.add(new int[] {14, 24, 14, 1});
        shapes.add(new int[] {16, 28, 16, 1});
        for (int[] shape : some(config.type(), shapes)) {
            if (shape[2] * shape[2] <= config.keys()) {
                Launch.Statistics statistics = windows(
                        kernel, config.blockQueries(), config.type(), config.keyDim(), shape, bound(config.type()));
                assertEquals(0, statistics.bankConflicts(), kernel.entry() + ": bank conflicts");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("headDims")
    void windowedF32Attention(int[] dims) {
        if (dims[0] > 32 && dims[0] < 256) {
            for (int[] shape : List.of(WINDOW_SHAPES).subList(0, 2)) {
                windows(
                        new AttentionF32Kernel.Config(dims[0], dims[1], true).write(),
                        AttentionF32Kernel.BLOCK_QUERIES,
                        DType.F32,
                        dims[0],
                        shape,
                        F32_BOUND);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("splitConfigs")
    void splitKeysAreCombined(FlashAttentionConfig config) {
        splitKeys(
                config.write(), grid(config.blockQueries(), 37, 3), config.type(), config.keyDim(), config.valueDim());
    }

    @ParameterizedTest
    @MethodSource("hopperSplitConfigs")
    void splitKeysAreCombinedOnHopper(HopperAttentionConfig config) {
        splitKeys(
                config.write(),
                grid(HopperAttentionConfig.BLOCK_QUERIES, 37, 3),
                config.type(),
                config.keyDim(),
                config.valueDim());
    }

    private void splitKeys(PtxKernel kernel, PtxKernel.Grid grid, DType half, int dk, int dv) {
        int queries = 37;
        int keys = 301;
        int splits = 3;
        int perSplit = 128;
        Matrix q = Matrix.random(2 * queries, HEADS * dk, HEADS * dk, half, random);
        Matrix k = Matrix.random(2 * keys, HEADS * dk, HEADS * dk, half, random);
        Matrix v = Matrix.random(2 * keys, HEADS * dv, HEADS * dv, half, random);
        Matrix partial = Matrix.empty(splits * 2 * queries, HEADS * dv, HEADS * dv, DType.F32);
        Matrix exponents = Matrix.empty(splits * 2 * queries, HEADS, HEADS, DType.F32);
        long partialAt = runner.out("partial", partial);
        long exponentsAt = runner.out("exponents", exponents);
        runner.launch(
                kernel,
                grid,
                runner.in("q", q),
                q.stride(),
                queries * q.stride(),
                runner.in("k", k),
                k.stride(),
                keys * k.stride(),
                runner.in("v", v),
                v.stride(),
                keys * v.stride(),
                partialAt,
                0,
                0,
                scaleLog2(dk),
                queries,
                keys,
                splits,
                perSplit,
                exponentsAt);
        double[][] want = expected(q, k, v, null, null, queries, keys, 2, query -> range(keys));
        for (DType type : ElementTypes.companions(half)) {
            PtxKernel combine = new AttentionCombineKernel(type).write();
            Matrix y = Matrix.empty(2 * queries, HEADS * dv, HEADS * dv + 4, type);
            runner.launch(
                    combine,
                    combine.gridOver(2 * queries * HEADS * dv / 4),
                    partialAt,
                    exponentsAt,
                    splits,
                    2 * queries,
                    HEADS,
                    dv,
                    runner.out("y", y),
                    y.stride());
            y.check(combine.entry(), bound(half), (r, c) -> want[r][c]);
        }
    }

    /** Replaces the last occurrence. */
    private static PtxKernel mutant(PtxKernel kernel, String from, String to) {
        int at = kernel.source().lastIndexOf(from);
        assertTrue(at >= 0, "the kernel has no " + from);
        return with(
                kernel, kernel.source().substring(0, at) + to + kernel.source().substring(at + from.length()));
    }

    private static PtxKernel with(PtxKernel kernel, String source) {
        return new PtxKernel(
                kernel.entry(), kernel.target(), kernel.parameters(), kernel.threads(), kernel.sharedBytes(), source);
    }

    /** Errors that an assembler accepts, planted one by one in a whole kernel. */
    @Test
    void plantedErrorsAreCaught() {
        FlashAttentionConfig config = AttentionKernels.FLASH_ATTENTION.stream()
                .filter(c -> c.type() == DType.BF16 && c.keyDim() == 56 && !c.windowed())
                .findFirst()
                .orElseThrow();
        PtxKernel kernel = config.write();
        List<String[]> mutants = List.of(
                new String[] {"bar.sync 0;", "", "race"},
                new String[] {"cp.async.wait_group 0;", "", "pending cp.async"},
                new String[] {"cp.async.wait_group 0;", "cp.async.wait_group 1;", "pending cp.async"},
                new String[] {".trans", "", "expected"},
                new String[] {"+32];", "+40];", "not a multiple of 16"},
                new String[] {", 0fFF800000, ", ", 0f00000000, ", "expected"},
                new String[] {"st.shared.v4.b32", "//", "expected"},
                new String[] {", 16, 0, ", ", 16, 16, ", "out of bounds"},
                new String[] {"ex2.approx.ftz.f32", "mov.f32", "expected"},
                new String[] {"%ctaid.z", "%ctaid.y", "race"});
        for (String[] mutant : mutants) {
            PtxKernel broken = mutant(kernel, mutant[0], mutant[1]);
            Throwable caught = assertThrows(
                    Throwable.class,
                    () -> global(broken, grid(config.blockQueries(), 45, 1), DType.BF16, 56, 56, 45, 71, 2, BF16_BOUND),
                    "survived: " + mutant[0]);
            assertTrue(caught.getMessage().contains(mutant[2]), mutant[0] + ": " + caught.getMessage());
        }
    }

    /** The same for warpgroups; four tiles of keys, so that every part of the loop runs. */
    @Test
    void plantedErrorsAreCaughtOnHopper() {
        HopperAttentionConfig config = HopperAttentionConfig.of(DType.BF16, 56, 56, false);
        PtxKernel kernel = config.write();
        String swizzled = Long.toString(1L << 62 | 64L << 32);
        List<String[]> mutants = List.of(
                new String[] {"bar.sync 0;", "", "race"},
                new String[] {"fence.proxy.async.shared::cta;", "", "no fence.proxy.async"},
                new String[] {"cp.async.wait_group 0;", "", "pending cp.async"},
                new String[] {"wgmma.wait_group.sync.aligned 0;", "", "pending wgmma"},
                new String[] {"wgmma.fence.sync.aligned;", "", "no wgmma.fence"},
                new String[] {"wgmma.commit_group.sync.aligned;", "", "pending wgmma"},
                new String[] {", 1, 1, 1;", ", 1, 1, 0;", "out of bounds"},
                new String[] {swizzled, Long.toString(64L << 32), "expected"},
                new String[] {swizzled, Long.toString(1L << 62 | 32L << 32), "expected"},
                new String[] {"xor.b32", "and.b32", kernel.entry()},
                new String[] {"st.shared.v4.b32", "//", "expected"},
                new String[] {", 0fFF800000, ", ", 0f42C80000, ", "expected"},
                new String[] {", 16, 0, ", ", 16, 16, ", "out of bounds", "everywhere"});
        for (String[] mutant : mutants) {
            PtxKernel broken = mutant.length > 3
                    ? with(kernel, kernel.source().replace(mutant[0], mutant[1]))
                    : mutant(kernel, mutant[0], mutant[1]);
            Throwable caught = assertThrows(
                    Throwable.class,
                    () -> global(
                            broken,
                            grid(HopperAttentionConfig.BLOCK_QUERIES, 45, 1),
                            DType.BF16,
                            56,
                            56,
                            45,
                            3 * config.keyTile() + 7,
                            2,
                            BF16_BOUND),
                    "survived: " + mutant[0]);
            assertTrue(caught.getMessage().contains(mutant[2]), mutant[0] + ": " + caught.getMessage());
        }
    }

    /** The same for windows, one of which reaches over the border; their keys fill three tiles and part of a fourth. */
    @Test
    void plantedErrorsAreCaughtInWindowsOnHopper() {
        HopperWindowConfig config =
                HopperWindowConfig.of(DType.BF16, 72, 72, 16, 1).orElseThrow();
        PtxKernel kernel = config.write();
        String swizzled = Long.toString(1L << 62 | 64L << 32);
        String leading = Long.toString(1L << 62 | 64L << 32 | (long) config.keys() * 8 << 16);
        List<String[]> mutants = List.of(
                new String[] {"bar.sync 0;", "", "race"},
                new String[] {"fence.proxy.async.shared::cta;", "", "no fence.proxy.async"},
                new String[] {"cp.async.wait_group 0;", "", "pending cp.async"},
                new String[] {"cp.async.wait_group 1;", "", "pending cp.async"},
                new String[] {"wgmma.wait_group.sync.aligned 0;", "", "pending wgmma"},
                new String[] {"wgmma.fence.sync.aligned;", "", "no wgmma.fence"},
                new String[] {"wgmma.commit_group.sync.aligned;", "", "pending wgmma"},
                new String[] {", 1, 1, 1;", ", 1, 1, 0;", "expected"},
                new String[] {swizzled, Long.toString(64L << 32), "expected"},
                new String[] {leading, swizzled, "expected"},
                new String[] {"xor.b32", "and.b32", kernel.entry()},
                new String[] {"st.shared.v4.b32", "//", "expected"},
                new String[] {", 0fFF800000, ", ", 0f42C80000, ", "expected"},
                new String[] {", 16, 0, ", ", 16, 16, ", "out of bounds", "everywhere"});
        for (String[] mutant : mutants) {
            PtxKernel broken = mutant.length > 3
                    ? with(kernel, kernel.source().replace(mutant[0], mutant[1]))
                    : mutant(kernel, mutant[0], mutant[1]);
            Throwable caught = assertThrows(
                    Throwable.class,
                    () -> windows(broken, config.blockQueries(), DType.BF16, 72, new int[] {16, 14, 14, 1}, BF16_BOUND),
                    "survived: " + mutant[0]);
            assertTrue(caught.getMessage().contains(mutant[2]), mutant[0] + ": " + caught.getMessage());
        }
    }

    @Test
    void sharedMemoryFitsTheDevices() {
        for (PtxKernel kernel : PtxKernels.all()) {
            int limit = (kernel.target().equals(PtxWriter.HOPPER) ? 227 : 163) << 10;
            assertTrue(kernel.sharedBytes() <= limit, kernel.entry() + ": " + kernel.sharedBytes());
        }
    }
}
