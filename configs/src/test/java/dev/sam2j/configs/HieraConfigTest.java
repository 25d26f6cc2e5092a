package dev.sam2j.configs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Per-block facts against the published models, written out by hand. */
class HieraConfigTest {

    /** One letter group per block: window side or g for global, p where it pools. */
    private static String windows(HieraConfig trunk) {
        return trunk.blocks().stream()
                .map(b -> (b.global() ? "g" : Integer.toString(b.windowSize())) + (b.pooled() ? "p" : ""))
                .collect(Collectors.joining(" "));
    }

    @ParameterizedTest
    @CsvSource({
        "tiny, 8 8p 4 4p 14 g 14 g 14 g 14p 7",
        "small, 8 8p 4 4p 14 14 14 g 14 14 g 14 14 g 14p 7",
        "base-plus, 8 8 8p 4 4 4p 14 14 14 14 14 14 g 14 14 14 g 14 14 14 g 14p 7 7",
        "large, 8 8 8p 4 4 4 4 4 4p 16 16 16 16 16 16 16 16 16 16 16 16 16 16 g 16 16 16 16 16 16 16 16 16 g "
                + "16 16 16 16 16 16 16 16 16 g 16p 8 8 8",
        "demo, 8 8p 4 4p g 14 g 14 g 14p",
    })
    void windowsLagOneBlockBehindTheStage(String name, String expected) {
        assertEquals(expected, windows(Configs.named(name).imageEncoder().trunk()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "tiny      | 12 | [0, 2, 9, 11]   | [1, 2, 4, 8]  | 96",
                "small     | 16 | [0, 2, 13, 15]  | [1, 2, 4, 8]  | 96",
                "base-plus | 24 | [1, 4, 20, 23]  | [2, 4, 8, 16] | 56",
                "large     | 48 | [1, 7, 43, 47]  | [2, 4, 8, 16] | 72",
                "demo      | 10 | [0, 2, 8, 9]    | [1, 2, 4, 8]  | 32",
            })
    void stages(String name, int depth, String ends, String heads, int headDim) {
        HieraConfig trunk = Configs.named(name).imageEncoder().trunk();
        assertEquals(depth, trunk.depth());
        assertEquals(depth, trunk.blocks().size());
        assertEquals(ends, trunk.stageEnds().toString());
        assertEquals(
                heads,
                trunk.stageEnds().stream()
                        .map(i -> trunk.blocks().get(i).numHeads())
                        .toList()
                        .toString());
        int dim = trunk.embedDim();
        for (HieraConfig.Block block : trunk.blocks()) {
            assertEquals(headDim, block.headDim());
            assertEquals(dim, block.dimIn());
            assertEquals(block.pooled(), block.dimOut() != block.dimIn());
            assertEquals(block.pooled(), block.index() > 0 && trunk.stageEnds().contains(block.index() - 1));
            assertEquals(
                    block.stage(),
                    trunk.stageEnds().stream()
                            .filter(end -> end < block.index())
                            .count());
            dim = block.dimOut();
        }
    }

    @Test
    void poolingHalvesTheWindow() {
        List<HieraConfig.Block> blocks =
                Configs.named("tiny").imageEncoder().trunk().blocks();
        assertEquals(new HieraConfig.Block(10, 3, 384, 768, 8, 14, true), blocks.get(10));
        assertEquals(7, blocks.get(10).outputWindowSize());
        assertEquals(7, blocks.get(11).outputWindowSize());
        assertEquals(0, blocks.get(9).outputWindowSize());
    }

    private static HieraConfig trunk(
            int dim, int heads, List<Integer> stages, List<Integer> global, List<Integer> windows, int qPool) {
        return new HieraConfig(dim, heads, stages, global, 7, 7, windows, qPool, 2, 2.0, 2.0);
    }

    private static void refused(String part, Executable make) {
        String message = assertThrows(InvalidSettingException.class, make).getMessage();
        assertTrue(message.contains(part), message);
    }

    @Test
    void refusesWhatCannotWork() {
        List<Integer> stages = List.of(1, 1, 1, 1);
        List<Integer> windows = List.of(8, 4, 14, 7);
        refused("block 1 pools its windows", () -> trunk(32, 1, stages, List.of(), List.of(7, 4, 14, 7), 3));
        refused("there is no block 4", () -> trunk(32, 1, stages, List.of(4), windows, 3));
        refused("cannot be split into 3 heads", () -> trunk(32, 3, stages, List.of(), windows, 3));
        refused("q_pool: only 3", () -> trunk(32, 1, stages, List.of(), windows, 2));
        refused("stages: expected 4 entries", () -> trunk(32, 1, List.of(1, 1, 1), List.of(), windows, 3));
        refused("window_spec: expected 4 entries", () -> trunk(32, 1, stages, List.of(), List.of(8, 4), 3));
        refused(
                "stages: expected a whole number in 1..512",
                () -> trunk(32, 1, List.of(1, 0, 1, 1), List.of(), windows, 3));
        refused("at most 512 blocks", () -> trunk(32, 1, List.of(512, 512, 1, 1), List.of(), windows, 3));
        refused("embed_dim", () -> trunk(0, 1, stages, List.of(), windows, 3));
        refused("dim_mul", () -> trunk(1 << 14, 1, stages, List.of(), windows, 3));
        // an odd window that a global block hides is no fault
        assertEquals("7 gp 4p 14p", windows(trunk(32, 1, stages, List.of(1), List.of(7, 4, 14, 7), 3)));
    }
}
