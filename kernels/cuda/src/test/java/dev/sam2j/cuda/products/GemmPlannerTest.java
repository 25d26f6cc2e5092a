package dev.sam2j.cuda.products;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.cuda.ptx.ElementTypes;
import dev.sam2j.tensor.Activation;
import dev.sam2j.tensor.DType;
import org.junit.jupiter.api.Test;

class GemmPlannerTest {
    private static final int MULTIPROCESSORS = 132;

    private static GemmPlanner planner(String choice) {
        return new GemmPlanner(choice, true, MULTIPROCESSORS);
    }

    private static HopperGemmConfig tiles(GemmPlanner planner, int rows, int columns, int depth) {
        return planner.tiles(DType.BF16, rows, columns, depth, Activation.NONE, DType.BF16);
    }

    @Test
    void everyPlannedKernelIsInTheCatalogue() {
        for (String choice : new String[] {"auto", "own", "2x1x96x4x2"}) {
            for (int rows = 1; rows <= 65536; rows *= 4) {
                for (int width : new int[] {96, 112, 144, 256}) {
                    for (Activation activation : Activation.values()) {
                        for (DType type : ElementTypes.HALVES) {
                            HopperGemmConfig config =
                                    planner(choice).tiles(type, rows, 3 * width, width, activation, type);
                            assertTrue(config == null
                                    || ProductKernels.gemmConfigs().contains(config));
                        }
                    }
                }
            }
        }
    }

    @Test
    void theChoiceDecides() {
        assertNull(tiles(planner("library"), 4096, 2304, 576));
        assertFalse(planner("library").fewRows(1));
        assertTrue(planner("auto").fewRows(8));
        assertFalse(planner("auto").fewRows(1024));
        assertNull(tiles(planner("auto"), 100, 2304, 576));
        assertNotNull(tiles(planner("own"), 100, 2304, 576));
        assertEquals(
                "2x1x128x3x2", tiles(planner("2x1x128x3x2"), 100, 2304, 576).tile());
        assertNull(tiles(new GemmPlanner("own", false, MULTIPROCESSORS), 4096, 2304, 576));
        assertThrows(IllegalArgumentException.class, () -> planner("2x2x2x2x2"));
    }

    /** What was fastest on an H100, see benchmarks/RESULTS.md. */
    @Test
    void theFastestTilesAreChosen() {
        assertEquals("2x1x96x4x2", tiles(planner("auto"), 65536, 288, 96).tile());
        assertEquals("2x1x128x3x2", tiles(planner("auto"), 65536, 384, 96).tile());
        assertEquals("3x1x192x4x1", tiles(planner("auto"), 16384, 576, 192).tile());
        assertEquals("2x1x128x3x2", tiles(planner("auto"), 16384, 768, 192).tile());
        assertEquals("2x2x144x4x1", tiles(planner("auto"), 65536, 432, 144).tile());
        assertEquals("3x1x192x4x1", tiles(planner("auto"), 65536, 576, 144).tile());
        assertEquals("2x1x128x3x2", tiles(planner("auto"), 28736, 256, 64).tile());
        assertNull(tiles(planner("auto"), 4096, 2304, 576));
        assertNull(tiles(planner("auto"), 1024, 2304, 768));
    }

    @Test
    void tilesMustFitAMultiprocessor() {
        assertThrows(
                IllegalArgumentException.class,
                () -> new HopperGemmConfig(DType.BF16, 2, 2, 256, 4, 1, Activation.NONE, DType.BF16));
        assertThrows(
                IllegalArgumentException.class,
                () -> new HopperGemmConfig(DType.BF16, 2, 1, 200, 4, 1, Activation.NONE, DType.BF16));
    }
}
