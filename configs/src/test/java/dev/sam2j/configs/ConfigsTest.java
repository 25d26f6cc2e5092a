package dev.sam2j.configs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The configurations that come with the library hold the published values. */
class ConfigsTest {

    static List<String> names() {
        return Configs.names();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "sam2.1_hiera_t  | 96  | 1 | [1, 2, 7, 2]  | [5, 7, 9]    | 7  | [8, 4, 14, 7] | [96, 192, 384, 768]",
                "sam2.1_hiera_s  | 96  | 1 | [1, 2, 11, 2] | [7, 10, 13]  | 7  | [8, 4, 14, 7] | [96, 192, 384, 768]",
                "sam2.1_hiera_b+ | 112 | 2 | [2, 3, 16, 3] | [12, 16, 20] | 14 | [8, 4, 14, 7] | [112, 224, 448, 896]",
                "sam2.1_hiera_l  | 144 | 2 | [2, 6, 36, 4] | [23, 33, 43] | 7  | [8, 4, 16, 8] | [144, 288, 576, 1152]",
                "sam2_hiera_t    | 96  | 1 | [1, 2, 7, 2]  | [5, 7, 9]    | 7  | [8, 4, 14, 7] | [96, 192, 384, 768]",
                "sam2_hiera_s    | 96  | 1 | [1, 2, 11, 2] | [7, 10, 13]  | 7  | [8, 4, 14, 7] | [96, 192, 384, 768]",
                "sam2_hiera_b+   | 112 | 2 | [2, 3, 16, 3] | [12, 16, 20] | 14 | [8, 4, 14, 7] | [112, 224, 448, 896]",
                "sam2_hiera_l    | 144 | 2 | [2, 6, 36, 4] | [23, 33, 43] | 7  | [8, 4, 16, 8] | [144, 288, 576, 1152]",
                "sam2.1_hiera_demo | 32 | 1 | [1, 2, 6, 1] | [4, 6, 8]    | 7  | [8, 4, 14, 7] | [32, 64, 128, 256]",
            })
    void trunkValues(
            String name,
            int embedDim,
            int heads,
            String stages,
            String global,
            int background,
            String windows,
            String dims) {
        HieraConfig trunk = Configs.named(name).imageEncoder().trunk();
        assertEquals(embedDim, trunk.embedDim());
        assertEquals(heads, trunk.numHeads());
        assertEquals(stages, trunk.stages().toString());
        assertEquals(global, trunk.globalAttBlocks().toString());
        assertEquals(background, trunk.windowPosEmbedBkgHeight());
        assertEquals(background, trunk.windowPosEmbedBkgWidth());
        assertEquals(windows, trunk.windowSpec().toString());
        assertEquals(dims, trunk.stageDims().toString());
    }

    @ParameterizedTest
    @MethodSource("names")
    void commonValues(String name) {
        Sam2Config config = Configs.named(name);
        boolean demo = name.endsWith("demo");
        boolean second = name.startsWith("sam2.1");
        int hidden = demo ? 128 : 256;
        int memory = demo ? 32 : 64;
        int size = demo ? 256 : 1024;
        assertEquals(
                new PositionEncodingConfig(hidden, 10000, true, 2 * Math.PI),
                config.imageEncoder().neck().positionEncoding());
        assertEquals(List.of(2, 3), config.imageEncoder().neck().fpnTopDownLevels());
        RoPEAttentionConfig self =
                new RoPEAttentionConfig(10000, List.of(size / 16, size / 16), false, hidden, 1, 1, hidden);
        RoPEAttentionConfig cross =
                new RoPEAttentionConfig(10000, List.of(size / 16, size / 16), true, hidden, 1, 1, memory);
        assertEquals(
                new MemoryAttentionConfig(
                        hidden,
                        true,
                        new MemoryAttentionLayerConfig(
                                "relu", demo ? 512 : 2048, false, self, hidden, true, false, cross),
                        demo ? 2 : 4),
                config.memoryAttention());
        assertEquals(
                new MemoryEncoderConfig(
                        memory,
                        new PositionEncodingConfig(memory, 10000, true, 2 * Math.PI),
                        new MaskDownSamplerConfig(hidden, 3, 2, 1, 16),
                        new FuserConfig(new CXBlockConfig(hidden, 7, 3, true), 2),
                        hidden),
                config.memoryEncoder());
        assertEquals(4, config.memoryEncoder().maskDownsampler().numLayers());
        assertEquals(
                new Sam2Config(
                        config.imageEncoder(),
                        config.memoryAttention(),
                        config.memoryEncoder(),
                        7,
                        size,
                        16,
                        20,
                        -10,
                        false,
                        true,
                        -1,
                        true,
                        true,
                        true,
                        0,
                        1,
                        true,
                        true,
                        true,
                        1,
                        false,
                        true,
                        16,
                        second,
                        second,
                        second,
                        true,
                        true,
                        true,
                        true,
                        false,
                        true,
                        second,
                        MaskDecoderConfig.BARE),
                config);
        assertEquals(size / 16, config.embeddingSize());
        assertEquals(size / 4, config.lowResMaskSize());
        assertEquals(hidden, config.hiddenDim());
        assertEquals(memory, config.memoryDim());
    }

    @ParameterizedTest
    @CsvSource({
        "tiny,sam2.1_hiera_t",
        "small,sam2.1_hiera_s",
        "base-plus,sam2.1_hiera_b+",
        "large,sam2.1_hiera_l",
        "demo,sam2.1_hiera_demo",
        "sam2_hiera_b+,sam2_hiera_b+"
    })
    void aliases(String alias, String name) {
        assertTrue(Configs.isKnown(alias));
        assertEquals(name, Configs.canonicalName(alias));
        assertEquals(Configs.named(name), Configs.named(alias));
    }

    @Test
    void unknownNameListsTheKnownOnes() {
        assertFalse(Configs.isKnown("huge"));
        String message = assertThrows(IllegalArgumentException.class, () -> Configs.named("huge"))
                .getMessage();
        assertTrue(message.contains("'huge'") && message.contains("tiny"), message);
        assertTrue(message.contains("sam2_hiera_b+"), message);
        assertThrows(IllegalArgumentException.class, () -> Configs.named("../configs/sam2_hiera_t"));
    }

    @Test
    void builderOverrides() {
        Sam2Config bare = Configs.named("tiny");
        assertEquals(
                new MaskDecoderConfig(true, 0.05, 0.98),
                bare.withImagePostprocessing().maskDecoder());
        assertFalse(bare.withImagePostprocessing().binarizeMaskFromPtsForMemEnc());
        assertEquals(
                new MaskDecoderConfig(true, 0.05, 0.98),
                bare.withVideoPostprocessing().maskDecoder());
        assertTrue(bare.withVideoPostprocessing().binarizeMaskFromPtsForMemEnc());
        assertEquals(32, bare.withImageSize(512).embeddingSize());
        assertEquals(bare, bare.withImageSize(512).withImageSize(1024));
        assertEquals(bare, bare.withImagePostprocessing().withMaskDecoder(MaskDecoderConfig.BARE));
    }
}
