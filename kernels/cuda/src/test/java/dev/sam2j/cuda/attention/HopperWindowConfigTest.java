package dev.sam2j.cuda.attention;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.tensor.DType;
import org.junit.jupiter.api.Test;

class HopperWindowConfigTest {
    @Test
    void oneBlockHandlesAWindow() {
        for (int dim : new int[] {56, 72, 96}) {
            for (int size : new int[] {7, 8, 14, 16}) {
                HopperWindowConfig config =
                        HopperWindowConfig.of(DType.BF16, dim, dim, size, 1).orElseThrow();
                assertTrue(config.blockQueries() >= size * size, config.toString());
                assertTrue(config.keys() >= size * size, config.toString());
                assertTrue(config.keys() < size * size + 64, config.toString());
                assertTrue(AttentionKernels.HOPPER_WINDOWS.contains(config), config.toString());
            }
        }
        assertEquals(
                80,
                HopperWindowConfig.of(DType.BF16, 72, 72, 14, 1).orElseThrow().keyTile(),
                "three tiles of 80 hold 196 keys");
    }

    @Test
    void theLargestWindowsOfEveryWidthFit() {
        for (int dim = 40; dim <= 96; dim += 8) {
            for (int size = 5; size <= 16; size++) {
                HopperWindowConfig config =
                        HopperWindowConfig.of(DType.BF16, dim, dim, size, 1).orElseThrow();
                assertTrue(config.sharedBytes() <= 227 << 10, config.toString());
            }
        }
    }

    @Test
    void pooledAndLargeWindowsAndNarrowOrWideHeadsAreLeftToOthers() {
        assertTrue(HopperWindowConfig.of(DType.BF16, 72, 72, 16, 2).isEmpty());
        assertTrue(HopperWindowConfig.of(DType.BF16, 96, 96, 14, 2).isEmpty());
        assertTrue(HopperWindowConfig.of(DType.BF16, 96, 96, 8, 2).isEmpty());
        assertTrue(HopperWindowConfig.of(DType.BF16, 96, 96, 4, 1).isEmpty());
        assertTrue(HopperWindowConfig.of(DType.BF16, 72, 72, 17, 1).isEmpty());
        assertTrue(HopperWindowConfig.of(DType.BF16, 32, 32, 14, 1).isEmpty());
        assertTrue(HopperWindowConfig.of(DType.BF16, 104, 104, 14, 1).isEmpty());
    }
}
