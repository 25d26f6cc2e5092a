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
        y.only("backbone_stride", 16, Sam2Config.STRIDE);
        y.only("use_mask_input_as_output_without_sam", false, true); // a mask prompt is the output of its frame
        y.only("directly_add_no_mem_embed", false, true); // frames without memory skip the memory attention
        y.only("use_high_res_features_in_sam", false, true); // the decoder uses the stride 4 and 8 features
        y.only("iou_prediction_use_sigmoid", false, true);
        y.only("use_obj_ptrs_in_encoder", false, true); // object pointers are memories too
        y.only("pred_obj_scores", false, true); // the decoder predicts the object's presence
        y.only("pred_obj_scores_mlp", false, true); // by a 3-layer MLP
        y.only("fixed_no_obj_ptr", false, true); // an absent object's pointer is a fixed one
        y.only("soft_no_obj_ptr", false, false); // and presence does not blend the two softly
        y.only("use_mlp_for_obj_ptr_proj", false, true); // pointers are projected by a 3-layer MLP
        return y.build(() -> new Sam2Config(
                imageEncoder(y.section("image_encoder")),
                memoryAttention(y.section("memory_attention")),
                memoryEncoder(y.section("memory_encoder")),
                y.integer("num_maskmem", 7),
                y.integer("image_size", 512),
                y.number("sigmoid_scale_for_mem_enc", 1.0),
                y.number("sigmoid_bias_for_mem_enc", 0.0),
                y.flag("binarize_mask_from_pts_for_mem_enc", false),
                y.integer("max_cond_frames_in_attn", -1),
                y.flag("multimask_output_in_sam", false),
                y.integer("multimask_min_pt_num", 1),
                y.integer("multimask_max_pt_num", 1),
                y.flag("multimask_output_for_tracking", false),
                y.flag("use_multimask_token_for_obj_ptr", false),
                y.integer("memory_temporal_stride_for_eval", 1),
                y.flag("non_overlap_masks_for_mem_enc", false),
                y.integer("max_obj_ptrs_in_encoder", 16),
                y.flag("add_tpos_enc_to_obj_ptrs", true),
                y.flag("proj_tpos_enc_in_obj_ptrs", false),
                y.flag("use_signed_tpos_enc_to_obj_ptrs", false),
                y.flag("only_obj_ptrs_in_the_past_for_eval", false),
                y.flag("no_obj_embed_spatial", false),
                maskDecoder(y.optionalSection("sam_mask_decoder_extra_args"))));
    }

    private static ImageEncoderConfig imageEncoder(YamlSection y) {
        y.target("ImageEncoder");
        y.only("scalp", 0, 1); // the deepest output of the neck is dropped
        return y.build(() -> new ImageEncoderConfig(trunk(y.section("trunk")), neck(y.section("neck"))));
    }

    private static HieraConfig trunk(YamlSection y) {
        y.target("Hiera");
        y.unused("drop_path_rate");
        if (!y.isNull("weights_path")) {
            throw y.fault("weights_path", "only null is supported, the weights come from the model's checkpoint");
        }
        y.only("return_interm_layers", true, true);
        y.only("q_stride", List.of(2, 2));
        List<Integer> background = y.integers("window_pos_embed_bkg_spatial_size", List.of(14, 14));
        if (background.size() != 2) {
            throw y.fault(
                    "window_pos_embed_bkg_spatial_size", "expected two entries, height and width, got " + background);
        }
        return y.build(() -> new HieraConfig(
                y.integer("embed_dim", 96),
                y.integer("num_heads", 1),
                y.integers("stages", List.of(2, 3, 16, 3)),
                y.integers("global_att_blocks", List.of(12, 16, 20)),
                background.get(0),
                background.get(1),
                y.integers("window_spec", List.of(8, 4, 14, 7)),
                y.integer("q_pool", 3),
                y.number("dim_mul", 2.0),
                y.number("head_mul", 2.0)));
    }

    private static FpnNeckConfig neck(YamlSection y) {
        y.target("FpnNeck");
        y.only("kernel_size", 1, 1);
        y.only("stride", 1, 1);
        y.only("padding", 0, 0);
        y.only("fpn_interp_model", "bilinear", "nearest"); // upsampling of the top-down path
        y.only("fuse_type", "sum", "sum"); // how the two are joined
        List<Integer> channels = y.integers("backbone_channel_list", null);
        List<Integer> allLevels = IntStream.range(0, channels.size()).boxed().toList();
        return y.build(() -> new FpnNeckConfig(
                y.integer("d_model", null),
                channels,
                y.isNull("fpn_top_down_levels") ? allLevels : y.integers("fpn_top_down_levels", null),
                positionEncoding(y.section("position_encoding"))));
    }

    private static PositionEncodingConfig positionEncoding(YamlSection y) {
        y.target("PositionEmbeddingSine");
        y.flag("warmup_cache", true); // these three prepare a cache of the reference
        y.integer("image_size", 1024);
        y.integers("strides", List.of());
        y.only("normalize", true, true); // positions are divided by their last value
        return y.build(() -> new PositionEncodingConfig(
                y.integer("num_pos_feats", null),
                y.number("temperature", 10000.0),
                y.isNull("scale") ? PositionEncodingConfig.DEFAULT_SCALE : y.number("scale", null)));
    }

    private static MemoryAttentionConfig memoryAttention(YamlSection y) {
        y.target("MemoryAttention");
        y.flag("batch_first", true); // memory layout of the reference's tensors
        y.only("pos_enc_at_input", null, true); // a tenth of the position encoding is added at the input
        return y.build(() -> new MemoryAttentionConfig(
                y.integer("d_model", null), memoryAttentionLayer(y.section("layer")), y.integer("num_layers", null)));
    }

    private static MemoryAttentionLayerConfig memoryAttentionLayer(YamlSection y) {
        y.target("MemoryAttentionLayer");
        y.unused("dropout");
        y.only("activation", null, "relu"); // of the MLP
        y.only("pos_enc_at_attn", null, false); // self-attention adds no position encoding
        y.only("pos_enc_at_cross_attn_keys", null, true); // the keys of the cross-attention add theirs
        y.only("pos_enc_at_cross_attn_queries", null, false); // and its queries none
        return y.build(() -> new MemoryAttentionLayerConfig(
                y.integer("dim_feedforward", null),
                ropeAttention(y.section("self_attention")),
                y.integer("d_model", null),
                ropeAttention(y.section("cross_attention"))));
    }

    private static RoPEAttentionConfig ropeAttention(YamlSection y) {
        y.target("RoPEAttention");
        y.unused("dropout");
        y.only("num_heads", null, 1);
        y.only("downsample_rate", 1, 1); // divisor of the inner channels
        int embeddingDim = y.integer("embedding_dim", null);
        return y.build(() -> new RoPEAttentionConfig(
                y.number("rope_theta", 10000.0),
                y.integers("feat_sizes", List.of(64, 64)),
                y.flag("rope_k_repeat", false),
                embeddingDim,
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
        y.only("input_projection", false, false);
        if (!y.isNull("dim")) {
            y.integer("dim", null); // width of the input projection, which is not supported
        }
        return y.build(() -> new FuserConfig(cxBlock(y.section("layer")), y.integer("num_layers", null)));
    }

    private static CXBlockConfig cxBlock(YamlSection y) {
        y.target("CXBlock");
        y.unused("drop_path");
        y.only("use_dwconv", true, true); // the convolution is depthwise
        double layerScale = y.number("layer_scale_init_value", 1e-6);
        return y.build(() -> {
            CXBlockConfig block =
                    new CXBlockConfig(y.integer("dim", null), y.integer("kernel_size", 7), y.integer("padding", 3));
            // Its value only matters to training, but above 0 it says that the checkpoint has the scales.
            Check.positive("layer_scale_init_value", layerScale);
            return block;
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
