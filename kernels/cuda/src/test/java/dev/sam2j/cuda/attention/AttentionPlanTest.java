package dev.sam2j.cuda.attention;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.tensor.DType;
import org.junit.jupiter.api.Test;

class AttentionPlanTest {
    private static final int MULTIPROCESSORS = 132;

    private static AttentionPlan<FlashAttentionConfig> global(
            int keyDim, int valueDim, int queries, int keys, int heads, int batch) {
        AttentionShape shape = new AttentionShape(DType.BF16, keyDim, valueDim, queries, keys, heads, batch);
        return AttentionPlan.global(shape, MULTIPROCESSORS);
    }

    @Test
    void memoryAttentionIsSplitUntilItFillsTheDevice() {
        for (int keys = 1; keys <= 28736; keys += 611) {
            AttentionPlan<FlashAttentionConfig> plan = global(256, 64, 4096, keys, 1, 1);
            assertEquals(plan.splits() > 1, plan.config().split());
            assertTrue(plan.keysPerSplit() * (plan.splits() - 1) < keys, "an empty part of " + keys);
            assertTrue(plan.keysPerSplit() * plan.splits() >= keys, "keys left over of " + keys);
        }
        AttentionPlan<FlashAttentionConfig> full = global(256, 64, 4096, 28736, 1, 1);
        assertEquals(4, full.splits());
        assertEquals(1, global(256, 64, 4096, 28736, 1, 16).splits());
    }

    @Test
    void fewQueriesOfAnyBatchFillTheDevice() {
        for (int batch = 1; batch <= 64; batch++) {
            AttentionPlan<FlashAttentionConfig> plan = global(16, 16, 8, 4096, 8, batch);
            int blocks = 8 * batch * plan.splits();
            assertTrue(plan.config().split(), "serial keys for a batch of " + batch);
            assertTrue(blocks >= 96 && blocks <= 8 * MULTIPROCESSORS, batch + ": " + blocks + " blocks");
            assertTrue(plan.keysPerSplit() * (plan.splits() - 1) < 4096, "an empty part");
            assertTrue(plan.keysPerSplit() * plan.splits() >= 4096, "keys left over");
        }
        assertEquals(1, global(16, 16, 8, 9, 8, 1).splits(), "few keys are not split");
    }

    @Test
    void windowsChooseTheirBlockByTheirQueries() {
        assertEquals(
                16, AttentionPlan.windowed(DType.BF16, 96, 96, 8, 2).config().blockQueries());
        assertEquals(
                64, AttentionPlan.windowed(DType.BF16, 96, 96, 14, 1).config().blockQueries());
        assertThrows(IllegalArgumentException.class, () -> AttentionPlan.windowed(DType.BF16, 96, 96, 33, 1));
    }

    @Test
    void everyPlannedKernelIsInTheCatalogue() {
        for (int[] dims : AttentionKernels.HEAD_DIMS) {
            for (int queries : new int[] {1, 16, 17, 1024, 4096}) {
                for (int keys : new int[] {1, 64, 65, 4096, 28736}) {
                    for (int batch : new int[] {1, 16}) {
                        AttentionPlan<FlashAttentionConfig> plan = global(dims[0], dims[1], queries, keys, 1, batch);
                        assertTrue(
                                AttentionKernels.FLASH_ATTENTION.contains(plan.config()),
                                plan.config().toString());
                    }
                }
            }
        }
        assertFalse(AttentionKernels.FLASH_ATTENTION.isEmpty());
    }
}
