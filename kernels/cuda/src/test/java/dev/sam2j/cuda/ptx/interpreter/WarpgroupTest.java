package dev.sam2j.cuda.ptx.interpreter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Products of a warpgroup: every layout of the operands, and planted errors. */
class WarpgroupTest {
    private static final int M = 64;
    private static final int N = 80;
    private static final int K = 32;
    /** Where B starts in shared memory. */
    private static final int SECOND = 16384;

    private static final int IMAGE = 2 * SECOND;

    private final Random random = new Random(3);
    private final GlobalMemory memory = new GlobalMemory();
    private final float[][] a = random(M);
    private final float[][] b = random(N);

    private float[][] random(int rows) {
        float[][] values = new float[rows][K];
        for (float[] row : values) {
            for (int k = 0; k < K; k++) {
                row[k] = Types.bf16ToFloat(Types.floatToBf16((float) random.nextGaussian()));
            }
        }
        return values;
    }

    /** An operand's place: descriptor and distance in bytes from one step of 16 of K to the next. */
    private record Layout(String name, long descriptor, int step) {}

    /**
     * Writes a matrix into the image of shared memory as the PTX ISA pictures the layouts: rows of 128 bytes whose
     * 16-byte chunks are exchanged by the row's number, or blocks of 8 rows of 16 bytes.
     */
    private static Layout place(byte[] image, int start, float[][] matrix, String layout) {
        ByteBuffer bytes = ByteBuffer.wrap(image).order(ByteOrder.LITTLE_ENDIAN);
        int rows = matrix.length;
        for (int row = 0; row < rows; row++) {
            for (int k = 0; k < K; k++) {
                int at = switch (layout) {
                    case "k128" -> row * 128 + (k / 8 ^ row % 8) * 16 + k % 8 * 2;
                    case "mn128" -> row / 64 * K * 128 + k * 128 + (row % 64 / 8 ^ k % 8) * 16 + row % 8 * 2;
                    case "mn64" -> row / 32 * K * 64 + k * 64 + (row % 32 / 8 ^ k / 2 % 4) * 16 + row % 8 * 2;
                    case "k" -> k / 8 * rows * 16 + row * 16 + k % 8 * 2;
                    default -> row / 8 * K * 16 + k * 16 + row % 8 * 2;
                };
                bytes.putShort(start + at, (short) Types.floatToBf16(matrix[row][k]));
            }
        }
        return switch (layout) {
            case "k128" -> new Layout(layout, descriptor(start, 0, 1024, 1), 32);
            case "mn128" -> new Layout(layout, descriptor(start, K * 128, 1024, 1), 2048);
            case "mn64" -> new Layout(layout, descriptor(start, K * 64, 512, 2), 1024);
            case "k" -> new Layout(layout, descriptor(start, rows * 16, 128, 0), rows * 32);
            default -> new Layout(layout, descriptor(start, 128, K * 16, 0), 256);
        };
    }

    private static long descriptor(int start, int leading, int stride, long swizzle) {
        return start >> 4 | (long) leading >> 4 << 16 | (long) stride >> 4 << 32 | swizzle << 62;
    }

    private static String list(String prefix, int count) {
        return IntStream.range(0, count).mapToObj(i -> prefix + i).collect(Collectors.joining(", ", "{", "}"));
    }

    private static String transposed(String layout) {
        return layout.startsWith("mn") ? "1" : "0";
    }

    /** Two products of 16 of K each; A comes from shared memory or, with layout "registers", as fragments. */
    private static String program(String layoutOfA, String layoutOfB) {
        boolean registers = layoutOfA.equals("registers");
        String product = "wgmma.mma_async.sync.aligned.m64n" + N + "k16.f32.bf16.bf16 " + list("%f", N / 2) + ", ";
        String end = ", 1, 1, " + (registers ? "" : transposed(layoutOfA) + ", ") + transposed(layoutOfB) + ";\n";
        StringBuilder text = new StringBuilder("""
                .version 8.0
                .target sm_90a
                .address_size 64
                .visible .entry products(.param .u64 image, .param .u64 fragments, .param .u64 a, .param .u64 b,
                    .param .u32 step_a, .param .u32 step_b, .param .u64 out)
                {
                    .reg .pred %p<3>; .reg .b32 %r<12>; .reg .f32 %f<40>; .reg .b64 %rd<10>; .reg .b32 %a<8>;
                    .shared .align 1024 .b8 tile[32768];
                    ld.param.u64 %rd0, [image];
                    mov.u32 %r0, %tid.x;
                    mov.u32 %r1, tile;
                    shl.b32 %r2, %r0, 4;
                    add.s32 %r1, %r1, %r2;
                    mul.wide.u32 %rd1, %r0, 16;
                    add.s64 %rd0, %rd0, %rd1;
                    mov.u32 %r3, 0;
                COPY:
                    cp.async.cg.shared.global [%r1], [%rd0], 16;
                    add.s32 %r1, %r1, 2048;
                    add.s64 %rd0, %rd0, 2048;
                    add.s32 %r3, %r3, 1;
                    setp.lt.s32 %p0, %r3, 16;
                    @%p0 bra COPY;
                    ld.param.u64 %rd2, [fragments];
                    mul.wide.u32 %rd3, %r0, 32;
                    add.s64 %rd2, %rd2, %rd3;
                    ld.global.v4.b32 {%a0, %a1, %a2, %a3}, [%rd2];
                    ld.global.v4.b32 {%a4, %a5, %a6, %a7}, [%rd2+16];
                    cp.async.commit_group;
                    cp.async.wait_group 0;
                    fence.proxy.async;
                    bar.sync 0;
                    mov.u32 %r9, tile;
                    shr.u32 %r9, %r9, 4;
                    cvt.u64.u32 %rd9, %r9;
                    ld.param.u64 %rd4, [a];
                    ld.param.u64 %rd5, [b];
                    add.s64 %rd4, %rd4, %rd9;
                    add.s64 %rd5, %rd5, %rd9;
                    ld.param.u32 %r4, [step_a];
                    ld.param.u32 %r5, [step_b];
                    mul.wide.u32 %rd6, %r4, 1;
                    mul.wide.u32 %rd7, %r5, 1;
                    shr.u64 %rd6, %rd6, 4;
                    shr.u64 %rd7, %rd7, 4;
                    setp.ne.s32 %p1, %r0, %r0;
                    setp.eq.s32 %p2, %r0, %r0;
                    wgmma.fence.sync.aligned;
                """);
        text.append(product)
                .append(registers ? "{%a0, %a1, %a2, %a3}" : "%rd4")
                .append(", %rd5, %p1")
                .append(end);
        text.append("add.s64 %rd4, %rd4, %rd6;\nadd.s64 %rd5, %rd5, %rd7;\n");
        text.append(product)
                .append(registers ? "{%a4, %a5, %a6, %a7}" : "%rd4")
                .append(", %rd5, %p2")
                .append(end);
        text.append("""
                    wgmma.commit_group.sync.aligned;
                    wgmma.wait_group.sync.aligned 0;
                    // the end
                    ld.param.u64 %rd8, [out];
                    mul.wide.u32 %rd1, %r0, 160;
                    add.s64 %rd8, %rd8, %rd1;
                """);
        for (int i = 0; i < N / 2; i++) {
            text.append("st.global.f32 [%rd8+" + 4 * i + "], %f" + i + ";\n");
        }
        return text.append("ret;\n}\n").toString();
    }

    private byte[] fragments() {
        ByteBuffer bytes = ByteBuffer.allocate(128 * 32).order(ByteOrder.LITTLE_ENDIAN);
        for (int thread = 0; thread < 128; thread++) {
            for (int i = 0; i < 16; i++) {
                int row = thread / 32 * 16 + thread % 32 / 4 + i / 2 % 2 * 8;
                int k = i / 8 * 16 + i / 4 % 2 * 8 + thread % 4 * 2 + i % 2;
                bytes.putShort((short) Types.floatToBf16(a[row][k]));
            }
        }
        return bytes.array();
    }

    private GlobalMemory.Buffer run(String layoutOfA, String layoutOfB, String source) {
        byte[] image = new byte[IMAGE];
        Layout left = place(image, 0, a, layoutOfA.equals("registers") ? "k" : layoutOfA);
        Layout right = place(image, SECOND, b, layoutOfB);
        GlobalMemory.Buffer out = memory.add("out", new byte[128 * 160], true);
        new Launch(PtxModule.parse(source), "products", memory)
                .run(
                        new int[] {1, 1, 1},
                        new int[] {128, 1, 1},
                        0,
                        9,
                        memory.add("image", image, false).address(),
                        memory.add("fragments", fragments(), false).address(),
                        left.descriptor,
                        right.descriptor,
                        left.step,
                        right.step,
                        out.address());
        return out;
    }

    @ParameterizedTest
    @CsvSource({"k128, k128", "k128, mn128", "mn128, k128", "mn64, mn64", "k, mn", "mn, k", "registers, mn128"})
    void multiplies(String layoutOfA, String layoutOfB) {
        GlobalMemory.Buffer out = run(layoutOfA, layoutOfB, program(layoutOfA, layoutOfB));
        for (int thread = 0; thread < 128; thread++) {
            for (int i = 0; i < N / 2; i++) {
                int row = thread / 32 * 16 + thread % 32 / 4 + i / 2 % 2 * 8;
                int column = i / 4 * 8 + thread % 4 * 2 + i % 2;
                double sum = 0;
                for (int k = 0; k < K; k++) {
                    sum += (double) a[row][k] * b[column][k];
                }
                assertEquals(sum, out.f32(thread * N / 2 + i), 1e-5, row + ", " + column);
            }
        }
    }

    private void caught(String layoutOfA, String from, String to, String message) {
        String source = program(layoutOfA, "mn128");
        assertTrue(source.contains(from), "the program has no " + from);
        PtxException exception = assertThrows(
                PtxException.class, () -> run(layoutOfA, "mn128", source.replace(from, to)), "survived: " + from);
        assertTrue(exception.getMessage().contains(message), exception.getMessage());
    }

    @Test
    void missingFencesAreNoticed() {
        caught("k128", "fence.proxy.async;", "", "no fence.proxy.async");
        caught("k128", "wgmma.fence.sync.aligned;", "", "no wgmma.fence");
        caught(
                "registers",
                "wgmma.fence.sync.aligned;",
                "wgmma.fence.sync.aligned; mov.b32 %a5, %a4;",
                "no wgmma.fence");
        caught("k128", "bar.sync 0;", "", "race");
        caught("k128", "cp.async.wait_group 0;\n    fence.proxy.async;", "fence.proxy.async;", "pending cp.async");
    }

    @Test
    void resultsAreClosedUntilTheWait() {
        caught("k128", "wgmma.wait_group.sync.aligned 0;", "", "accumulator of a pending wgmma is read");
        caught("k128", "wgmma.wait_group.sync.aligned 0;", "wgmma.wait_group.sync.aligned 1;", "accumulator");
        caught("k128", "wgmma.commit_group.sync.aligned;", "", "accumulator");
        caught("k128", "wgmma.commit_group", "mov.f32 %f0, 0f00000000; wgmma.commit_group", "pending wgmma is written");
        caught("registers", "wgmma.commit_group", "mov.b32 %a7, 0; wgmma.commit_group", "pending wgmma is written");
    }

    @Test
    void operandsStayUntilTheWait() {
        String store = "shl.b32 %r6, %r0, 2; st.shared.u32 [%r6], %r6;";
        caught("k128", "wgmma.commit_group", store + " wgmma.commit_group", "race");
        caught("k128", "// the end", store, "race");
    }

    @Test
    void warpgroupsActTogether() {
        String warp = "shr.u32 %r7, %r0, 5; setp.eq.s32 %p0, %r7, 1; ";
        caught("k128", "// the end", warp + "@%p0 wgmma.fence.sync.aligned;", "divergence");
        caught("k128", "wgmma.fence", warp + "@%p0 add.s64 %rd5, %rd5, 1; wgmma.fence", "divergence");
        caught("k128", "wgmma.fence", "setp.eq.s32 %p2, %r0, 0; wgmma.fence", "differs between the lanes");
        caught("k128", "wgmma.fence", "setp.gt.s32 %p0, %r0, 3; @%p0 wgmma.fence", "divergence");
        caught("k128", "wgmma.fence", "add.s64 %rd4, %rd4, 16384; wgmma.fence", "descriptor");
    }
}
