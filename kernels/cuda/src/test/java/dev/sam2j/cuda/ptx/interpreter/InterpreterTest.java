package dev.sam2j.cuda.ptx.interpreter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Correct programs compute what they should; each planted error (a mutant) is found and named. */
class InterpreterTest {
    private final Random random = new Random(7);
    private final GlobalMemory memory = new GlobalMemory();

    private byte[] floats(int count) {
        ByteBuffer buffer = ByteBuffer.allocate(4 * count).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < count; i++) {
            buffer.putFloat((float) random.nextGaussian());
        }
        return buffer.array();
    }

    private byte[] halves(int count) {
        ByteBuffer buffer = ByteBuffer.allocate(2 * count).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < count; i++) {
            buffer.putShort((short) Types.floatToBf16((float) random.nextGaussian()));
        }
        return buffer.array();
    }

    private GlobalMemory.Buffer run(String source, String entry, long seed) {
        Launch launch = new Launch(PtxModule.parse(source), entry, memory);
        switch (entry) {
            case "add" -> {
                GlobalMemory.Buffer out = memory.add("out", new byte[4 * 333], true);
                launch.run(
                        new int[] {2, 1, 1},
                        new int[] {64, 1, 1},
                        0,
                        seed,
                        memory.add("a", floats(333), false).address(),
                        memory.add("b", floats(333), false).address(),
                        out.address(),
                        333);
                return out;
            }
            case "sum" -> {
                GlobalMemory.Buffer out = memory.add("out", new byte[4], true);
                launch.run(
                        new int[] {1, 1, 1},
                        new int[] {128, 1, 1},
                        0,
                        seed,
                        memory.add("in", floats(128), false).address(),
                        out.address());
                return out;
            }
            case "product" -> {
                GlobalMemory.Buffer out = memory.add("out", new byte[4 * 128], true);
                launch.run(
                        new int[] {1, 1, 1},
                        new int[] {32, 1, 1},
                        0,
                        seed,
                        memory.add("a", halves(256), false).address(),
                        memory.add("b", halves(128), false).address(),
                        out.address());
                return out;
            }
            default -> {
                GlobalMemory.Buffer out = memory.add("out", new byte[4 * 32], true);
                launch.run(new int[] {1, 1, 1}, new int[] {32, 1, 1}, 0, seed, out.address());
                return out;
            }
        }
    }

    private GlobalMemory.Buffer input(int index) {
        long address = (index + 1L << 36) + (1L << 20);
        return memory.check(address, 1, false);
    }

    @Test
    void addsVectorsWithAnOddTail() {
        GlobalMemory.Buffer out = run(Programs.ADD, "add", 1);
        for (int i = 0; i < 333; i++) {
            assertEquals(input(1).f32(i) + input(2).f32(i), out.f32(i), "element " + i);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void reducesABlockInAnyWarpOrder(long seed) {
        GlobalMemory.Buffer out = run(Programs.SUM, "sum", seed);
        double sum = 0;
        for (int i = 0; i < 128; i++) {
            sum += input(1).f32(i);
        }
        assertEquals(sum, out.f32(0), 1e-5);
    }

    @Test
    void multipliesFragments() {
        GlobalMemory.Buffer out = run(Programs.PRODUCT, "product", 1);
        for (int row = 0; row < 16; row++) {
            for (int column = 0; column < 8; column++) {
                double sum = 0;
                for (int k = 0; k < 16; k++) {
                    sum += (double) input(1).bf16(16 * row + k) * input(2).bf16(8 * k + column);
                }
                assertEquals(sum, out.f32(8 * row + column), 1e-6, row + ", " + column);
            }
        }
    }

    @Test
    void divergedLanesMeetAgain() {
        GlobalMemory.Buffer out = run(Programs.STEPS, "steps", 1);
        for (int i = 0; i < 32; i++) {
            int steps = 0;
            for (int n = i + 1; n != 1; n = n % 2 == 0 ? n / 2 : 3 * n + 1) {
                steps++;
            }
            assertEquals(steps, Float.floatToRawIntBits(out.f32(i)), "lane " + i);
        }
    }

    private static String mutate(String source, String from, String to) {
        assertTrue(source.contains(from), "the program has no " + from);
        return source.replace(from, to);
    }

    private void caught(String entry, String source, String from, String to, String message) {
        PtxException exception =
                assertThrows(PtxException.class, () -> run(mutate(source, from, to), entry, 3), "mutant survived");
        assertTrue(exception.getMessage().contains(message), exception.getMessage());
    }

    @Test
    void wrongIndexIsOutOfBounds() {
        caught(
                "add",
                Programs.ADD,
                "setp.lt.s32 %p2, %r4, %r0",
                "setp.le.s32 %p2, %r4, %r0",
                "out of bounds: read of 4");
        caught("add", Programs.ADD, "add.s32 %r5, %r4, 3", "add.s32 %r5, %r4, 0", "out of bounds: read of");
        caught("add", Programs.ADD, "mul.wide.s32 %rd3, %r4, 4", "mul.wide.s32 %rd3, %r4, 64", "out of bounds");
    }

    @Test
    void wrongBufferIsNoticed() {
        caught("add", Programs.ADD, "st.global.f32 [%rd2], %f8", "st.global.f32 [%rd1], %f8", "write to input b");
        caught("add", Programs.ADD, "ld.param.u64 %rd2, [out]", "mov.u64 %rd2, 0", "belongs to no buffer");
    }

    @Test
    void misalignedVectorAccessIsNoticed() {
        caught(
                "add",
                Programs.ADD,
                "add.s64 %rd1, %rd1, %rd3;",
                "add.s64 %rd1, %rd1, %rd3; add.s64 %rd1, %rd1, 4;",
                "not a multiple of 16");
        caught("sum", Programs.SUM, "[partial+8]", "[partial+4]", "not a multiple of 8");
    }

    @Test
    void missingBarrierIsARace() {
        caught("sum", Programs.SUM, "bar.sync 0;", "", "race: ");
        caught("product", Programs.PRODUCT, "bar.warp.sync 0xffffffff;", "", "race: read of shared byte");
    }

    @Test
    void missingWaitIsNoticed() {
        caught("product", Programs.PRODUCT, "cp.async.wait_group 0;", "cp.async.wait_group 1;", "pending cp.async");
        caught("product", Programs.PRODUCT, "cp.async.wait_group 0;", "", "pending cp.async");
    }

    @Test
    void misalignedMatrixRowIsNoticed() {
        caught("product", Programs.PRODUCT, "shl.b32 %r7, %r4, 4", "shl.b32 %r7, %r4, 3", "not a multiple of 16");
        caught(
                "product",
                Programs.PRODUCT,
                "cp.async.cg.shared.global [%r3], [%rd0], 16",
                "cp.async.cg.shared.global [%r3+8], [%rd0], 16",
                "not a multiple of 16");
    }

    @Test
    void divergedMatrixProductIsNoticed() {
        caught("product", Programs.PRODUCT, "mma.sync.aligned", "@%p0 mma.sync.aligned", "divergence");
        caught(
                "product",
                Programs.PRODUCT,
                "ldmatrix.sync.aligned.m8n8.x4",
                "@%p0 ldmatrix.sync.aligned.m8n8.x4",
                "divergence");
    }

    @Test
    void divergedBarriersAndShufflesAreNoticed() {
        caught("sum", Programs.SUM, "bar.sync 0;", "@%p1 bar.sync 0;", "divergence");
        caught(
                "sum",
                Programs.SUM,
                "setp.ne.s32 %p0, %r1, 0;",
                "and.b32 %r7, %r0, 1; setp.ne.s32 %p0, %r7, 0;",
                "divergence");
    }

    @Test
    void barrierAfterAWarpHasEndedIsNoticed() {
        caught(
                "sum",
                Programs.SUM,
                "shr.u32 %r3, %r0, 5;",
                "shr.u32 %r3, %r0, 5; setp.eq.s32 %p2, %r3, 1; @%p2 bra END;",
                "the others have ended");
    }

    @Test
    void blocksMustNotShareWhatTheyWrite() {
        caught(
                "add",
                Programs.ADD,
                "mad.lo.s32 %r4, %r1, %r2, %r3",
                "mad.lo.s32 %r4, %r1, 63, %r3",
                "written by another");
    }

    @Test
    void bankConflictsAreCounted() {
        assertEquals(0, BankConflicts.count(-1, 4, lane -> 4 * lane));
        assertEquals(0, BankConflicts.count(-1, 4, lane -> 64), "one word for all");
        assertEquals(31, BankConflicts.count(-1, 4, lane -> 128 * lane));
        assertEquals(1, BankConflicts.count(-1, 4, lane -> 8 * lane));
        assertEquals(0, BankConflicts.count(-1, 16, lane -> 16 * lane));
        assertEquals(
                28, BankConflicts.count(-1, 16, lane -> 128 * lane), "four phases of eight rows in the same banks");
        assertEquals(0, BankConflicts.count(-1, 16, lane -> 144 * lane));
        assertEquals(0, BankConflicts.count(1, 4, lane -> 128 * lane), "one lane alone");
    }

    @Test
    void unwrittenRegisterIsNoticed() {
        caught("sum", Programs.SUM, "mov.u32 %r1, 16;", "", "read before it was written");
        caught("product", Programs.PRODUCT, "mov.f32 %f3, %f0;", "", "read before it was written");
    }

    @Test
    void unknownInstructionIsRefused() {
        caught("add", Programs.ADD, "add.f32 %f8, %f8, %f9", "copysign.f32 %f8, %f8, %f9", "unsupported instruction");
    }

    @Test
    void argumentsMustFit() {
        Launch launch = new Launch(PtxModule.parse(Programs.STEPS), "steps", memory);
        PtxException exception =
                assertThrows(PtxException.class, () -> launch.run(new int[] {1, 1, 1}, new int[] {32, 1, 1}, 0, 1, 5));
        assertTrue(exception.getMessage().contains("does not fit .u64 out"), exception.getMessage());
    }

    @Test
    void bf16RoundsToNearestEven() {
        assertEquals(0x3f80, Types.floatToBf16(1 + 0x1p-8f));
        assertEquals(0x3f82, Types.floatToBf16(1 + 0x3p-8f));
        assertEquals(0x3f81, Types.floatToBf16(1 + 0x1p-8f + 0x1p-20f));
        assertEquals(0x7f80, Types.floatToBf16(Float.MAX_VALUE));
    }
}
