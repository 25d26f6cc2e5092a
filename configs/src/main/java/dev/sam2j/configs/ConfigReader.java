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
        ImageEncoderConfig imageEncoder = imageEncoder(y.section("image_encoder"));
        MemoryAttentionConfig memoryAttention = memoryAttention(y.section("memory_attention"));
        MemoryEncoderConfig memoryEncoder = memoryEncoder(y.section("memory_encoder"));
        MaskDecoderConfig maskDecoder = maskDecoder(y.optionalSection("sam_mask_decoder_extra_args"));
        int numMaskmem = y.integer("num_maskmem", 7);
        int imageSize = y.integer("image_size", 512);
        int backboneStride = y.integer("backbone_stride", 16);
        double sigmoidScale = y.number("sigmoid_scale_for_mem_enc", 1.0);
        double sigmoidBias = y.number("sigmoid_bias_for_mem_enc", 0.0);
        boolean binarize = y.flag("binarize_mask_from_pts_for_mem_enc", false);
        boolean maskAsOutput = y.flag("use_mask_input_as_output_without_sam", false);
        int maxCondFrames = y.integer("max_cond_frames_in_attn", -1);
        boolean addNoMem = y.flag("directly_add_no_mem_embed", false);
        boolean highRes = y.flag("use_high_res_features_in_sam", false);
        boolean multimask = y.flag("multimask_output_in_sam", false);
        int multimaskMin = y.integer("multimask_min_pt_num", 1);
        int multimaskMax = y.integer("multimask_max_pt_num", 1);
        boolean multimaskTracking = y.flag("multimask_output_for_tracking", false);
        boolean multimaskToken = y.flag("use_multimask_token_for_obj_ptr", false);
        boolean iouSigmoid = y.flag("iou_prediction_use_sigmoid", false);
        int stride = y.integer("memory_temporal_stride_for_eval", 1);
        boolean nonOverlap = y.flag("non_overlap_masks_for_mem_enc", false);
        boolean objPtrs = y.flag("use_obj_ptrs_in_encoder", false);
        int maxObjPtrs = y.integer("max_obj_ptrs_in_encoder", 16);
        boolean addTpos = y.flag("add_tpos_enc_to_obj_ptrs", true);
        boolean projTpos = y.flag("proj_tpos_enc_in_obj_ptrs", false);
        boolean signedTpos = y.flag("use_signed_tpos_enc_to_obj_ptrs", false);
        boolean onlyPast = y.flag("only_obj_ptrs_in_the_past_for_eval", false);
        boolean scores = y.flag("pred_obj_scores", false);
        boolean scoresMlp = y.flag("pred_obj_scores_mlp", false);
        boolean fixedNoObj = y.flag("fixed_no_obj_ptr", false);
        boolean softNoObj = y.flag("soft_no_obj_ptr", false);
        boolean ptrMlp = y.flag("use_mlp_for_obj_ptr_proj", false);
        boolean noObjSpatial = y.flag("no_obj_embed_spatial", false);
        return y.build(() -> new Sam2Config(
                imageEncoder,
                memoryAttention,
                memoryEncoder,
                numMaskmem,
                imageSize,
                backboneStride,
                sigmoidScale,
                sigmoidBias,
                binarize,
                maskAsOutput,
                maxCondFrames,
                addNoMem,
                highRes,
                multimask,
                multimaskMin,
                multimaskMax,
                multimaskTracking,
                multimaskToken,
                iouSigmoid,
                stride,
                nonOverlap,
                objPtrs,
                maxObjPtrs,
                addTpos,
                projTpos,
                signedTpos,
                onlyPast,
                scores,
                scoresMlp,
                fixedNoObj,
                softNoObj,
                ptrMlp,
                noObjSpatial,
                maskDecoder));
    }

    private static ImageEncoderConfig imageEncoder(YamlSection y) {
        y.target("ImageEncoder");
        int scalp = y.integer("scalp", 0);
        HieraConfig trunk = trunk(y.section("trunk"));
        FpnNeckConfig neck = neck(y.section("neck"));
        return y.build(() -> new ImageEncoderConfig(scalp, trunk, neck));
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
        int numPosFeats = y.integer("num_pos_feats", null);
        double temperature = y.number("temperature", 10000.0);
        boolean normalize = y.flag("normalize", true);
        double scale = y.isNull("scale") ? PositionEncodingConfig.DEFAULT_SCALE : y.number("scale", null);
        return y.build(() -> new PositionEncodingConfig(numPosFeats, temperature, normalize, scale));
    }

    private static MemoryAttentionConfig memoryAttention(YamlSection y) {
        y.target("MemoryAttention");
        int dModel = y.integer("d_model", null);
        boolean posEncAtInput = y.flag("pos_enc_at_input", null);
        MemoryAttentionLayerConfig layer = memoryAttentionLayer(y.section("layer"));
        int numLayers = y.integer("num_layers", null);
        y.flag("batch_first", true); // memory layout of the reference's tensors
        return y.build(() -> new MemoryAttentionConfig(dModel, posEncAtInput, layer, numLayers));
    }

    private static MemoryAttentionLayerConfig memoryAttentionLayer(YamlSection y) {
        y.target("MemoryAttentionLayer");
        y.unused("dropout");
        String activation = y.word("activation", null);
        int dimFeedforward = y.integer("dim_feedforward", null);
        boolean posEncAtAttn = y.flag("pos_enc_at_attn", null);
        RoPEAttentionConfig selfAttention = ropeAttention(y.section("self_attention"));
        int dModel = y.integer("d_model", null);
        boolean posEncAtKeys = y.flag("pos_enc_at_cross_attn_keys", null);
        boolean posEncAtQueries = y.flag("pos_enc_at_cross_attn_queries", null);
        RoPEAttentionConfig crossAttention = ropeAttention(y.section("cross_attention"));
        return y.build(() -> new MemoryAttentionLayerConfig(
                activation,
                dimFeedforward,
                posEncAtAttn,
                selfAttention,
                dModel,
                posEncAtKeys,
                posEncAtQueries,
                crossAttention));
    }

    private static RoPEAttentionConfig ropeAttention(YamlSection y) {
        y.target("RoPEAttention");
        y.unused("dropout");
        double theta = y.number("rope_theta", 10000.0);
        List<Integer> featSizes = y.integers("feat_sizes", List.of(64, 64));
        boolean repeat = y.flag("rope_k_repeat", false);
        int embeddingDim = y.integer("embedding_dim", null);
        int numHeads = y.integer("num_heads", null);
        int downsampleRate = y.integer("downsample_rate", 1);
        int kvInDim = y.isNull("kv_in_dim") ? embeddingDim : y.integer("kv_in_dim", null);
        return y.build(() ->
                new RoPEAttentionConfig(theta, featSizes, repeat, embeddingDim, numHeads, downsampleRate, kvInDim));
    }

    private static MemoryEncoderConfig memoryEncoder(YamlSection y) {
        y.target("MemoryEncoder");
        int outDim = y.integer("out_dim", null);
        PositionEncodingConfig positionEncoding = positionEncoding(y.section("position_encoding"));
        MaskDownSamplerConfig maskDownsampler = maskDownsampler(y.section("mask_downsampler"));
        FuserConfig fuser = fuser(y.section("fuser"));
        int inDim = y.integer("in_dim", 256);
        return y.build(() -> new MemoryEncoderConfig(outDim, positionEncoding, maskDownsampler, fuser, inDim));
    }

    private static MaskDownSamplerConfig maskDownsampler(YamlSection y) {
        y.target("MaskDownSampler");
        int embedDim = y.integer("embed_dim", 256);
        int kernelSize = y.integer("kernel_size", 4);
        int stride = y.integer("stride", 4);
        int padding = y.integer("padding", 0);
        int totalStride = y.integer("total_stride", 16);
        return y.build(() -> new MaskDownSamplerConfig(embedDim, kernelSize, stride, padding, totalStride));
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
        boolean viaStability = y.flag("dynamic_multimask_via_stability", false);
        double delta = y.number("dynamic_multimask_stability_delta", 0.05);
        double thresh = y.number("dynamic_multimask_stability_thresh", 0.98);
        return y.build(() -> new MaskDecoderConfig(viaStability, delta, thresh));
    }
}
