package dev.sam2j.configs;

import java.util.List;
import java.util.stream.IntStream;
import org.yaml.snakeyaml.nodes.Node;

/** Binds the reference's YAML layout to the records. Defaults are those of the reference's constructors. */
final class ConfigReader {

    private ConfigReader() {}

    static Sam2Config read(byte[] yaml, String source) {
        Node node = YamlDocument.parse(yaml, source);
        YamlSection root = YamlSection.root(node, source);
        if (root.isNull("model") && !root.isNull("trainer")) {
            throw root.fault(
                    "trainer",
                    "this configures a training run; take the model's own configuration, such as sam2.1_hiera_b+");
        }
        YamlSection model = root.section("model");
        if (!model.isNull("samurai_mode")) {
            throw model.fault(
                    "samurai_mode",
                    "SAMURAI's motion model is not supported; its weights are those of SAM 2.1, whose configurations "
                            + "are sam2.1_hiera_t, _s, _b+ and _l");
        }
        root.build(() -> null);
        return model(model);
    }

    private static Sam2Config model(YamlSection y) {
        y.target("SAM2Base", "SAM2VideoPredictor", "SAM2VideoPredictorVOS");
        y.flag("compile_image_encoder", false); // a switch of the reference's compiler
        return y.build(() -> new Sam2Config(
                imageEncoder(y.section("image_encoder")),
                memoryAttention(y.section("memory_attention")),
                memoryEncoder(y.section("memory_encoder")),
                y.integer("num_maskmem", 7),
                y.integer("image_size", 512),
                y.integer("backbone_stride", 16),
                y.number("sigmoid_scale_for_mem_enc", 1.0),
                y.number("sigmoid_bias_for_mem_enc", 0.0),
                y.flag("binarize_mask_from_pts_for_mem_enc", false),
                y.flag("use_mask_input_as_output_without_sam", false),
                y.integer("max_cond_frames_in_attn", -1),
                y.flag("directly_add_no_mem_embed", false),
                y.flag("use_high_res_features_in_sam", false),
                y.flag("multimask_output_in_sam", false),
                y.integer("multimask_min_pt_num", 1),
                y.integer("multimask_max_pt_num", 1),
                y.flag("multimask_output_for_tracking", false),
                y.flag("use_multimask_token_for_obj_ptr", false),
                y.flag("iou_prediction_use_sigmoid", false),
                y.integer("memory_temporal_stride_for_eval", 1),
                y.flag("non_overlap_masks_for_mem_enc", false),
                y.flag("use_obj_ptrs_in_encoder", false),
                y.integer("max_obj_ptrs_in_encoder", 16),
                y.flag("add_tpos_enc_to_obj_ptrs", true),
                y.flag("proj_tpos_enc_in_obj_ptrs", false),
                y.flag("use_signed_tpos_enc_to_obj_ptrs", false),
                y.flag("only_obj_ptrs_in_the_past_for_eval", false),
                y.flag("pred_obj_scores", false),
                y.flag("pred_obj_scores_mlp", false),
                y.flag("fixed_no_obj_ptr", false),
                y.flag("soft_no_obj_ptr", false),
                y.flag("use_mlp_for_obj_ptr_proj", false),
                y.flag("no_obj_embed_spatial", false),
                maskDecoder(y.optionalSection("sam_mask_decoder_extra_args"))));
    }

    private static ImageEncoderConfig imageEncoder(YamlSection y) {
        y.target("ImageEncoder");
        return y.build(() ->
                new ImageEncoderConfig(y.integer("scalp", 0), trunk(y.section("trunk")), neck(y.section("neck"))));
    }

    private static HieraConfig trunk(YamlSection y) {
        y.target("Hiera");
        y.unused("drop_path_rate");
        if (!y.isNull("weights_path")) {
            throw y.fault("weights_path", "only null is supported, the weights come from the model's checkpoint");
        }
        int embedDim = y.integer("embed_dim", 96);
        int numHeads = y.integer("num_heads", 1);
        int qPool = y.integer("q_pool", 3);
        List<Integer> qStride = y.integers("q_stride", List.of(2, 2));
        List<Integer> stages = y.integers("stages", List.of(2, 3, 16, 3));
        double dimMul = y.number("dim_mul", 2.0);
        double headMul = y.number("head_mul", 2.0);
        List<Integer> background = y.integers("window_pos_embed_bkg_spatial_size", List.of(14, 14));
        List<Integer> windowSpec = y.integers("window_spec", List.of(8, 4, 14, 7));
        List<Integer> global = y.integers("global_att_blocks", List.of(12, 16, 20));
        boolean allStages = y.flag("return_interm_layers", true);
        return y.build(() -> {
            Check.only("return_interm_layers", allStages, true);
            Check.that(
                    background.size() == 2,
                    "window_pos_embed_bkg_spatial_size",
                    "expected two entries, height and width, got " + background);
            Check.only("q_stride", qStride, List.of(2, 2));
            return new HieraConfig(
                    embedDim,
                    numHeads,
                    stages,
                    global,
                    background.get(0),
                    background.get(1),
                    windowSpec,
                    qPool,
                    qStride.get(0),
                    dimMul,
                    headMul);
        });
    }

    private static FpnNeckConfig neck(YamlSection y) {
        y.target("FpnNeck");
        PositionEncodingConfig positionEncoding = positionEncoding(y.section("position_encoding"));
        int dModel = y.integer("d_model", null);
        List<Integer> channels = y.integers("backbone_channel_list", null);
        int kernel = y.integer("kernel_size", 1);
        int stride = y.integer("stride", 1);
        int padding = y.integer("padding", 0);
        String interpolation = y.word("fpn_interp_model", "bilinear");
        String fuse = y.word("fuse_type", "sum");
        List<Integer> allLevels = IntStream.range(0, channels.size()).boxed().toList();
        List<Integer> levels = y.isNull("fpn_top_down_levels") ? allLevels : y.integers("fpn_top_down_levels", null);
        return y.build(() -> {
            Check.only("kernel_size", kernel, 1);
            Check.only("stride", stride, 1);
            Check.only("padding", padding, 0);
            return new FpnNeckConfig(dModel, channels, levels, interpolation, fuse, positionEncoding);
        });
    }

    private static PositionEncodingConfig positionEncoding(YamlSection y) {
        y.target("PositionEmbeddingSine");
        y.flag("warmup_cache", true); // these three prepare a cache of the reference
        y.integer("image_size", 1024);
        y.integers("strides", List.of());
        return y.build(() -> new PositionEncodingConfig(
                y.integer("num_pos_feats", null),
                y.number("temperature", 10000.0),
                y.flag("normalize", true),
                y.isNull("scale") ? PositionEncodingConfig.DEFAULT_SCALE : y.number("scale", null)));
    }

    private static MemoryAttentionConfig memoryAttention(YamlSection y) {
        y.target("MemoryAttention");
        y.flag("batch_first", true); // memory layout of the reference's tensors
        return y.build(() -> new MemoryAttentionConfig(
                y.integer("d_model", null),
                y.flag("pos_enc_at_input", null),
                memoryAttentionLayer(y.section("layer")),
                y.integer("num_layers", null)));
    }

    private static MemoryAttentionLayerConfig memoryAttentionLayer(YamlSection y) {
        y.target("MemoryAttentionLayer");
        y.unused("dropout");
        return y.build(() -> new MemoryAttentionLayerConfig(
                y.word("activation", null),
                y.integer("dim_feedforward", null),
                y.flag("pos_enc_at_attn", null),
                ropeAttention(y.section("self_attention")),
                y.integer("d_model", null),
                y.flag("pos_enc_at_cross_attn_keys", null),
                y.flag("pos_enc_at_cross_attn_queries", null),
                ropeAttention(y.section("cross_attention"))));
    }

    private static RoPEAttentionConfig ropeAttention(YamlSection y) {
        y.target("RoPEAttention");
        y.unused("dropout");
        int embeddingDim = y.integer("embedding_dim", null);
        return y.build(() -> new RoPEAttentionConfig(
                y.number("rope_theta", 10000.0),
                y.integers("feat_sizes", List.of(64, 64)),
                y.flag("rope_k_repeat", false),
                embeddingDim,
                y.integer("num_heads", null),
                y.integer("downsample_rate", 1),
                y.isNull("kv_in_dim") ? embeddingDim : y.integer("kv_in_dim", null)));
    }

    private static MemoryEncoderConfig memoryEncoder(YamlSection y) {
        y.target("MemoryEncoder");
        return y.build(() -> new MemoryEncoderConfig(
                y.integer("out_dim", null),
                positionEncoding(y.section("position_encoding")),
                maskDownsampler(y.section("mask_downsampler")),
                fuser(y.section("fuser")),
                y.integer("in_dim", 256)));
    }

    private static MaskDownSamplerConfig maskDownsampler(YamlSection y) {
        y.target("MaskDownSampler");
        return y.build(() -> new MaskDownSamplerConfig(
                y.integer("embed_dim", 256),
                y.integer("kernel_size", 4),
                y.integer("stride", 4),
                y.integer("padding", 0),
                y.integer("total_stride", 16)));
    }

    private static FuserConfig fuser(YamlSection y) {
        y.target("Fuser");
        CXBlockConfig layer = cxBlock(y.section("layer"));
        int numLayers = y.integer("num_layers", null);
        boolean inputProjection = y.flag("input_projection", false);
        if (!y.isNull("dim")) {
            y.integer("dim", null); // width of the input projection, which is not supported
        }
        return y.build(() -> {
            Check.only("input_projection", inputProjection, false);
            return new FuserConfig(layer, numLayers);
        });
    }

    private static CXBlockConfig cxBlock(YamlSection y) {
        y.target("CXBlock");
        y.unused("drop_path");
        int dim = y.integer("dim", null);
        int kernelSize = y.integer("kernel_size", 7);
        int padding = y.integer("padding", 3);
        boolean useDwconv = y.flag("use_dwconv", true);
        double layerScale = y.number("layer_scale_init_value", 1e-6);
        return y.build(() -> {
            // Its value only matters to training, but above 0 it says that the checkpoint has the scales.
            Check.positive("layer_scale_init_value", layerScale);
            return new CXBlockConfig(dim, kernelSize, padding, useDwconv);
        });
    }

    private static MaskDecoderConfig maskDecoder(YamlSection y) {
        if (y == null) {
            return MaskDecoderConfig.BARE;
        }
        return y.build(() -> new MaskDecoderConfig(
                y.flag("dynamic_multimask_via_stability", false),
                y.number("dynamic_multimask_stability_delta", 0.05),
                y.number("dynamic_multimask_stability_thresh", 0.98)));
    }
}
