package dev.sam2j.cuda.attention;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.tensor.DType;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HopperAttentionPlanTest {
    private static final int MULTIPROCESSORS = 132;

    private static Optional<AttentionPlan<HopperAttentionConfig>> of(
            int keyDim, int valueDim, int queries, int keys, int heads, int batch) {
        AttentionShape shape = new AttentionShape(DType.BF16, keyDim, valueDim, queries, keys, heads, batch);
        return AttentionPlan.hopper(shape, MULTIPROCESSORS);
    }

    private static AttentionPlan<HopperAttentionConfig> plan(
            int keyDim, int valueDim, int queries, int keys, int heads, int batch) {
        return of(keyDim, valueDim, queries, keys, heads, batch).orElseThrow();
    }

    @Test
    void blocksFillTheDeviceEvenly() {
        assertEquals(4, plan(256, 64, 4096, 28736, 1, 1).splits());
        assertEquals(4, plan(256, 256, 4096, 4096, 1, 1).splits());
        assertEquals(1, plan(96, 96, 4096, 4096, 4, 1).splits());
        assertEquals(1, plan(72, 72, 4096, 4096, 8, 1).splits());
        for (int objects = 1; objects <= 16; objects++) {
            AttentionPlan<HopperAttentionConfig> plan = plan(256, 64, 4096, 28736, 1, objects);
            int blocks = 32 * objects * plan.splits();
            int waves = (blocks + MULTIPROCESSORS - 1) / MULTIPROCESSORS;
            assertTrue(blocks >= 0.85 * waves * MULTIPROCESSORS, objects + ": " + blocks + " blocks");
        }
    }

    @Test
    void everyPartHasKeysAndItsKernelIsInTheCatalogue() {
        for (int[] dims : AttentionKernels.HEAD_DIMS) {
            for (int keys = 1; keys <= 28736; keys += 611) {
                for (int batch : new int[] {1, 3, 16}) {
                    of(dims[0], dims[1], 4096, keys, 1, batch).ifPresent(HopperAttentionPlanTest::check);
                }
            }
        }
    }

    private static void check(AttentionPlan<HopperAttentionConfig> plan) {
        assertTrue(AttentionKernels.HOPPER_ATTENTION.contains(plan.config()), plan.toString());
        assertEquals(plan.splits() > 1, plan.config().split());
    }

    @Test
    void partsCoverTheKeys() {
        for (int keys = 65; keys <= 28736; keys += 97) {
            AttentionPlan<HopperAttentionConfig> plan = plan(256, 64, 4096, keys, 1, 1);
            assertTrue(plan.keysPerSplit() * (plan.splits() - 1) < keys, "an empty part of " + keys);
            assertTrue(plan.keysPerSplit() * plan.splits() >= keys, "keys left over of " + keys);
        }
    }

    @Test
    void fewQueriesOrKeysAndNarrowHeadsAreLeftToOthers() {
        assertTrue(of(16, 16, 4096, 4096, 8, 1).isEmpty());
        assertTrue(of(96, 96, 9, 4096, 8, 1).isEmpty());
        assertTrue(of(96, 96, 4096, 9, 8, 1).isEmpty());
    }
}
