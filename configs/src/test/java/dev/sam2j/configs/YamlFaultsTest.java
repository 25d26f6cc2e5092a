package dev.sam2j.configs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Wrong and hostile YAML: one clear sentence with file, line and key path, and no object is ever made. */
class YamlFaultsTest {

    private static final Duration SOON = Duration.ofSeconds(20);

    static List<String> names() {
        return Configs.names();
    }

    private static String yaml(String name) {
        try (InputStream in = Configs.class.getResourceAsStream(name + ".yaml")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static ConfigException refused(String text) {
        ConfigException e = assertTimeoutPreemptively(
                SOON, () -> assertThrows(ConfigException.class, () -> Configs.parse(text, "own.yaml")));
        assertTrue(e.getMessage().startsWith("own.yaml"), e.getMessage());
        assertFalse(e.getMessage().contains("\n"), e.getMessage());
        assertTrue(e.getMessage().length() < 2000, e.getMessage());
        return e;
    }

    /** Replaces one whole line (trimmed comparison, first occurrence) and expects the fault on that line. */
    private static ConfigException refusedWith(String line, String replacement) {
        List<String> lines = new ArrayList<>(yaml("sam2.1_hiera_t").lines().toList());
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).strip().equals(line)) {
                String indent = lines.get(i).substring(0, lines.get(i).indexOf(line));
                lines.set(i, indent + replacement);
                ConfigException e = refused(String.join("\n", lines));
                assertEquals(i + 1, e.line(), e.getMessage());
                return e;
            }
        }
        throw new AssertionError("no line " + line);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // unknown
                "embed_dim: 96 | embed_dims: 96 | model.image_encoder.trunk.embed_dims | unknown key, known here: _target_, "
                        + "dim_mul, drop_path_rate, embed_dim",
                "dim_feedforward: 2048 | feedforward: 2048 | model.memory_attention.layer.feedforward | unknown key",
                "num_maskmem: 7 | num_maskmen: 7 | model.num_maskmen | unknown key",
                "image_size: 1024 | '<<: {a: 1}' | model.<< | merge keys are not supported",
                // mistyped
                "embed_dim: 96 | embed_dim: 96.5 | model.image_encoder.trunk.embed_dim | expected a whole number, got '96.5'",
                "embed_dim: 96 | 'embed_dim: \"96\"' | model.image_encoder.trunk.embed_dim | got the quoted text '96'",
                "embed_dim: 96 | embed_dim: 0x60 | model.image_encoder.trunk.embed_dim | expected a whole number, got '0x60'",
                "embed_dim: 96 | embed_dim: | model.image_encoder.trunk.embed_dim | expected a whole number, got nothing",
                "embed_dim: 96 | embed_dim: [96] | model.image_encoder.trunk.embed_dim | expected a whole number, got a list",
                "embed_dim: 96 | embed_dim: 99999999999 | model.image_encoder.trunk.embed_dim | expected a whole number",
                "embed_dim: 96 | embed_dim: 4294967392 | model.image_encoder.trunk.embed_dim | expected a whole number",
                "'stages: [1, 2, 7, 2]' | stages: 12 | model.image_encoder.trunk.stages | a list of at most 1024 whole numbers",
                "'stages: [1, 2, 7, 2]' | 'stages: [1, 2, x, 2]' | model.image_encoder.trunk.stages | got 'x'",
                "num_layers: 4 | num_layers: true | model.memory_attention.num_layers | expected a whole number, got 'true'",
                "pred_obj_scores: true | pred_obj_scores: 1 | model.pred_obj_scores | expected true or false, got '1'",
                "pred_obj_scores: true | 'pred_obj_scores: \"true\"' | model.pred_obj_scores | expected true or false",
                "sigmoid_bias_for_mem_enc: -10.0 | sigmoid_bias_for_mem_enc: low | model.sigmoid_bias_for_mem_enc | a number, "
                        + "got 'low'",
                "sigmoid_bias_for_mem_enc: -10.0 | sigmoid_bias_for_mem_enc: .nan | model.sigmoid_bias_for_mem_enc | a number",
                "sigmoid_bias_for_mem_enc: -10.0 | sigmoid_bias_for_mem_enc: 1e999 | model.sigmoid_bias_for_mem_enc | finite",
                "sigmoid_bias_for_mem_enc: -10.0 | 'sigmoid_bias_for_mem_enc: ${a.b}' | model.sigmoid_bias_for_mem_enc | "
                        + "got '${a.b}'",
                "fpn_interp_model: nearest | fpn_interp_model: 3 | model.image_encoder.neck.fpn_interp_model | expected a word",
                "num_maskmem: 7 | '[a]: 7' | model | a key must be a plain word",
                // unsupported or inconsistent
                "fpn_interp_model: nearest | fpn_interp_model: bilinear | model.image_encoder.neck.fpn_interp_model | "
                        + "only nearest is supported, got bilinear",
                "use_mask_input_as_output_without_sam: true | use_mask_input_as_output_without_sam: false | "
                        + "model.use_mask_input_as_output_without_sam | only true is supported, got false",
                "activation: relu | activation: gelu | model.memory_attention.layer.activation | only relu is supported",
                "image_size: 1024 | image_size: 1000 | model.image_size | multiple of 32",
                "image_size: 1024 | image_size: 0 | model.image_size | 32..8192",
                "image_size: 1024 | image_size: 2147483647 | model.image_size | 32..8192",
                "'backbone_channel_list: [768, 384, 192, 96]' | 'backbone_channel_list: [96, 192, 384, 768]' | "
                        + "model.image_encoder.neck.backbone_channel_list | channels [768, 384, 192, 96], got [96, 192, 384, 768]",
                "kv_in_dim: 64 | kv_in_dim: 32 | model.memory_attention.layer.cross_attention.kv_in_dim | out_dim = 64, got 32",
                "padding: 1 | padding: 0 | model.memory_encoder.mask_downsampler.padding | do not divide",
                "'global_att_blocks: [5, 7, 9]' | 'global_att_blocks: [5, 7, 12]' | "
                        + "model.image_encoder.trunk.global_att_blocks | no block 12",
                "scalp: 1  # drop the stride 32 output | scalp: 0 | model.image_encoder.scalp | only 1 is supported",
                "_target_: sam2.modeling.backbones.hieradet.Hiera | _target_: os.system | model.image_encoder.trunk._target_ | "
                        + "expected Hiera, got os.system",
            })
    void namesFileLineAndKey(String line, String replacement, String path, String problem) {
        ConfigException e = refusedWith(line, replacement);
        assertEquals(path, e.keyPath());
        assertTrue(e.getMessage().startsWith("own.yaml:" + e.line() + ": " + path + ": "), e.getMessage());
        assertTrue(e.getMessage().contains(problem), e.getMessage());
    }

    @ParameterizedTest
    @CsvSource({
        "d_model: 256,model.image_encoder.neck.d_model",
        "num_layers: 4,model.memory_attention.num_layers",
        "out_dim: 64,model.memory_encoder.out_dim",
        "num_pos_feats: 256," + "model.image_encoder.neck.position_encoding.num_pos_feats"
    })
    void missingKeyNamesTheSection(String line, String path) {
        ConfigException e = refused(yaml("sam2.1_hiera_t").replaceFirst(line + "\n", "\n"));
        assertEquals(path, e.keyPath());
        assertTrue(e.line() > 0 && e.getMessage().endsWith(": missing"), e.getMessage());
    }

    @Test
    void missingKeyWithUnsupportedDefault() {
        ConfigException e = refused(yaml("sam2.1_hiera_t").replace("use_high_res_features_in_sam: true", ""));
        assertTrue(
                e.getMessage()
                        .contains("use_high_res_features_in_sam: only true is supported, got false "
                                + "(the key is missing, this is its default)"),
                e.getMessage());
    }

    /** What people give for a model's configuration. */
    @Test
    void configurationsOfOtherThingsAreCalledByTheirNames() {
        ConfigException training = assertThrows(
                ConfigException.class,
                () -> Configs.parse("# @package _global_\nscratch:\n  resolution: 1024\ntrainer:\n  mode: x\n", "a"));
        assertEquals(
                "a:4: trainer: this configures a training run; take the model's own configuration, such as "
                        + "sam2.1_hiera_b+",
                training.getMessage());
        ConfigException samurai =
                assertThrows(ConfigException.class, () -> Configs.parse("model:\n  samurai_mode: true\n", "b"));
        assertTrue(
                samurai.getMessage().startsWith("b:2: model.samurai_mode: SAMURAI's motion model is not supported"),
                samurai.getMessage());
    }

    @Test
    void missingSection() {
        assertEquals("model", refused("other: 1\n").keyPath());
        assertEquals(
                "model.image_encoder", refused("model:\n  image_size: 64\n").keyPath());
        assertTrue(refused("model: 7\n").getMessage().contains("expected keys and values, got '7'"));
        assertTrue(refused("- a\n- b\n").getMessage().contains("got a list"));
        assertTrue(refused(yaml("sam2_hiera_t") + "\ntrainer: 1\n").getMessage().contains("trainer: unknown key"));
    }

    @Test
    void duplicateKeyNamesBothLines() {
        String text = yaml("sam2.1_hiera_t") + "\n  image_size: 512\n";
        int first = text.substring(0, text.indexOf("image_size: 1024")).split("\n", -1).length;
        ConfigException e = refused(text);
        assertEquals("model.image_size", e.keyPath());
        assertTrue(e.getMessage().endsWith("given twice, first on line " + first), e.getMessage());
    }

    /** Loading these must neither look for the class nor run anything. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "image_size: !!javax.script.ScriptEngineManager [!!java.net.URLClassLoader [[]]]",
                "image_size: !!java.lang.Integer 1024",
                "image_size: !!dev.sam2j.configs.Configs {}",
                "image_size: !!python/object/apply:os.system ['true']",
                "image_size: !!python/object:os.system {}",
                "image_size: !own 1024",
                "image_size: !!binary aGVsbG8=",
                "image_size: !!set {a}",
                "!!java.lang.String image_size: 1024",
            })
    void objectTagsAreRefused(String replacement) {
        ConfigException e = refusedWith("image_size: 1024", replacement);
        assertTrue(e.getMessage().contains("is not allowed, only plain values are"), e.getMessage());
    }

    @Test
    void tagOfTheWholeDocumentIsRefused() {
        assertTrue(refused("!!java.util.HashMap\n" + yaml("sam2_hiera_t"))
                .getMessage()
                .contains("not allowed"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "# only a comment\n", "---\n"})
    void emptyFiles(String text) {
        assertTrue(refused(text).getMessage().startsWith("own.yaml"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "model: [1, 2",
                "model:\n\t a: 1",
                "model: {a: 1}}\n",
                "a: 1\n---\nb: 2\n",
                "model: &a *a",
                "model: *nowhere",
                "%YAML 9.9\n---\nmodel: 1",
                "model: \"\\x\"",
                "a: b: c",
                "model: \u0001"
            })
    void notYaml(String text) {
        assertTrue(
                refused(text).getMessage().contains("not valid YAML: "),
                refused(text).getMessage());
    }

    @Test
    void billionLaughs() {
        StringBuilder text = new StringBuilder("a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n");
        for (int i = 1; i < 12; i++) {
            text.append("a").append(i).append(": &a").append(i).append(" [");
            text.append(("*a" + (i - 1) + ", ").repeat(9))
                    .append("*a")
                    .append(i - 1)
                    .append("]\n");
        }
        assertTrue(refused(text.toString()).getMessage().contains("aliases"));
    }

    @Test
    void selfContainingAliases() {
        refused("model: &m\n  image_encoder: *m\n");
        refused("model: &m [*m]\n");
        refused("&k ? *k\n: 1\n");
        assertTrue(refusedWith("stages: [1, 2, 7, 2]", "stages: &s [1, 2, *s, 2]")
                .getMessage()
                .contains("a list"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"[", "{a: ", "- ", "? ", "[[{b: "})
    void deepNesting(String open) {
        refused("model: " + open.repeat(YamlDocument.MAX_BYTES / open.length() - 10));
    }

    @Test
    void longLists() {
        assertTrue(refusedWith("stages: [1, 2, 7, 2]", "stages: [" + "1, ".repeat(50_000) + "1]")
                .getMessage()
                .contains("at most 1024"));
        refusedWith("image_size: 1024", "image_size: " + "9".repeat(100_000));
        refusedWith("sigmoid_bias_for_mem_enc: -10.0", "sigmoid_bias_for_mem_enc: " + "9".repeat(100_000));
        refusedWith("image_size: 1024", "k".repeat(900) + ": 1");
    }

    @Test
    void tooLarge() {
        assertTrue(
                refused("#" + " ".repeat(YamlDocument.MAX_BYTES)).getMessage().contains("larger than"));
    }

    @ParameterizedTest
    @MethodSource("names")
    void truncatedAnywhereIsRefusedOrComplete(String name) {
        String text = yaml(name);
        Sam2Config whole = Configs.parse(text, "own.yaml");
        for (int end = 0; end < text.length(); end += 7) {
            String part = text.substring(0, end);
            try {
                // what follows the last relevant key may be cut without harm
                Sam2Config config = Configs.parse(part, "own.yaml");
                assertEquals(whole.imageEncoder(), config.imageEncoder(), part);
            } catch (ConfigException e) {
                assertTrue(e.getMessage().startsWith("own.yaml"), e.getMessage());
            }
        }
    }

    @Test
    void referenceSpellingsLoad() {
        String text = yaml("sam2.1_hiera_t");
        Sam2Config whole = Configs.parse(text, "own.yaml");
        assertEquals(whole, Configs.parse(text.replace(": true", ": True").replace(": false", ": False"), "own.yaml"));
        assertEquals(whole, Configs.parse(text.replace("\n", "\r\n"), "own.yaml"));
        assertEquals(whole, Configs.parse("\uFEFF" + text, "own.yaml"));
        assertEquals(whole, Configs.parse(text.replaceAll(" *_target_: .*", ""), "own.yaml"));
        assertEquals(whole, Configs.parse(text.replaceAll("dropout: 0.1", ""), "own.yaml"));
        assertEquals(
                whole,
                Configs.parse(text.replace("compile_image_encoder: false", "compile_image_encoder: true"), "own.yaml"));
        assertEquals(
                whole,
                Configs.parse(
                        text.replace("feat_sizes: [64, 64]", "feat_sizes: &grid [64, 64]")
                                .replaceFirst("(?s)(&grid.*)&grid \\[64, 64]", "$1*grid"),
                        "own.yaml"));
        assertEquals(whole.withVideoPostprocessing(), Configs.parse(text + "\n" + """
                binarize_mask_from_pts_for_mem_enc: true
                sam_mask_decoder_extra_args:
                  dynamic_multimask_via_stability: true
                  dynamic_multimask_stability_delta: 0.05
                  dynamic_multimask_stability_thresh: 0.98
                """.indent(2), "own.yaml"));
    }

    @Test
    void files(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("own.yaml");
        Files.writeString(file, yaml("sam2_hiera_l"));
        assertEquals(Configs.named("sam2_hiera_l"), Configs.load(file));
        Files.write(file, new byte[] {'a', ':', ' ', (byte) 0xC3, '('});
        ConfigException latin = assertThrows(ConfigException.class, () -> Configs.load(file));
        assertTrue(latin.getMessage().endsWith("not UTF-8 text"), latin.getMessage());
        Files.writeString(file, "model:\n  image_sise: 1\n");
        assertEquals(
                file.toString(),
                assertThrows(ConfigException.class, () -> Configs.load(file)).source());
        ConfigException none = assertThrows(ConfigException.class, () -> Configs.load(folder.resolve("none.yaml")));
        assertTrue(none.getMessage().endsWith("none.yaml: no such file"), none.getMessage());
        assertThrows(ConfigException.class, () -> Configs.load(folder));
    }

    @Test
    void endlessFileIsRefused() {
        Path endless = Path.of("/dev/zero");
        assumeTrue(Files.exists(endless), "no endless file on this system");
        assertTimeoutPreemptively(SOON, () -> assertThrows(ConfigException.class, () -> Configs.load(endless)));
    }
}
