package dev.sam2j.configs;

/**
 * A whole SAM 2 model, with the names and the meaning of the reference's YAML files. Where a component says "only",
 * other values are refused rather than ignored.
 *
 * @param imageEncoder trunk and neck
 * @param memoryAttention conditioning on memories
 * @param memoryEncoder making of memories
 * @param numMaskmem spatial memories: conditioning frames share one temporal row, the rest are recent frames
 * @param imageSize side of the square model input in pixels, a multiple of 32
 * @param backboneStride pixels per cell of the embedding grid; only 16
 * @param sigmoidScaleForMemEnc factor of the mask probability before the memory encoder
 * @param sigmoidBiasForMemEnc added after that factor
 * @param binarizeMaskFromPtsForMemEnc whether prompted frames give the memory encoder a binary mask
 * @param useMaskInputAsOutputWithoutSam whether a mask prompt is the output of its frame; only {@code true}
 * @param maxCondFramesInAttn limit of conditioning frames attended to, at least 2, or -1 for none
 * @param directlyAddNoMemEmbed whether frames without memory skip the memory attention; only {@code true}
 * @param useHighResFeaturesInSam whether the decoder uses the stride 4 and 8 features; only {@code true}
 * @param multimaskOutputInSam whether ambiguous prompts give three candidate masks
 * @param multimaskMinPtNum fewest prompt points (box corners count) that may give candidates
 * @param multimaskMaxPtNum most prompt points that may give candidates
 * @param multimaskOutputForTracking whether tracked frames give candidates too
 * @param useMultimaskTokenForObjPtr whether the object pointer comes from the chosen candidate's token
 * @param iouPredictionUseSigmoid whether IoU scores pass a sigmoid; only {@code true}
 * @param memoryTemporalStrideForEval frames between the recent memories, at least 1
 * @param nonOverlapMasksForMemEnc whether masks compete before the memory encoder; no effect on objects that are
 *        tracked one by one
 * @param useObjPtrsInEncoder whether object pointers are memories too; only {@code true}
 * @param maxObjPtrsInEncoder limit of recent object pointers, at least 2
 * @param addTposEncToObjPtrs whether pointers carry their distance in time
 * @param projTposEncInObjPtrs whether that encoding passes a learned projection; needs the former
 * @param useSignedTposEncToObjPtrs whether the distance is signed
 * @param onlyObjPtrsInThePastForEval whether conditioning pointers from frames to come are left out
 * @param predObjScores whether the decoder predicts the object's presence; only {@code true}
 * @param predObjScoresMlp whether by a 3-layer MLP; only {@code true}
 * @param fixedNoObjPtr whether an absent object's pointer is a fixed one; only {@code true}
 * @param softNoObjPtr whether presence blends the two softly; only {@code false}
 * @param useMlpForObjPtrProj whether pointers are projected by a 3-layer MLP; only {@code true}
 * @param noObjEmbedSpatial whether memories of frames without the object get an extra embedding (SAM 2.1)
 * @param maskDecoder extra settings of the mask decoder
 */
public record Sam2Config(
        ImageEncoderConfig imageEncoder,
        MemoryAttentionConfig memoryAttention,
        MemoryEncoderConfig memoryEncoder,
        int numMaskmem,
        int imageSize,
        int backboneStride,
        double sigmoidScaleForMemEnc,
        double sigmoidBiasForMemEnc,
        boolean binarizeMaskFromPtsForMemEnc,
        boolean useMaskInputAsOutputWithoutSam,
        int maxCondFramesInAttn,
        boolean directlyAddNoMemEmbed,
        boolean useHighResFeaturesInSam,
        boolean multimaskOutputInSam,
        int multimaskMinPtNum,
        int multimaskMaxPtNum,
        boolean multimaskOutputForTracking,
        boolean useMultimaskTokenForObjPtr,
        boolean iouPredictionUseSigmoid,
        int memoryTemporalStrideForEval,
        boolean nonOverlapMasksForMemEnc,
        boolean useObjPtrsInEncoder,
        int maxObjPtrsInEncoder,
        boolean addTposEncToObjPtrs,
        boolean projTposEncInObjPtrs,
        boolean useSignedTposEncToObjPtrs,
        boolean onlyObjPtrsInThePastForEval,
        boolean predObjScores,
        boolean predObjScoresMlp,
        boolean fixedNoObjPtr,
        boolean softNoObjPtr,
        boolean useMlpForObjPtrProj,
        boolean noObjEmbedSpatial,
        MaskDecoderConfig maskDecoder) {

    /** Bound on {@code image_size}; keeps a wrong file from exhausting memory. */
    static final int MAX_IMAGE_SIZE = 8192;

    private static final int MAX_FRAMES = 1 << 20;

    /** Checks the ranges given at the components; throws {@link IllegalArgumentException} naming the YAML key. */
    public Sam2Config {
        Check.range("num_maskmem", numMaskmem, 1, 1024);
        Check.finite("sigmoid_scale_for_mem_enc", sigmoidScaleForMemEnc);
        Check.finite("sigmoid_bias_for_mem_enc", sigmoidBiasForMemEnc);
        Check.only("use_mask_input_as_output_without_sam", useMaskInputAsOutputWithoutSam, true);
        Check.only("directly_add_no_mem_embed", directlyAddNoMemEmbed, true);
        Check.only("use_high_res_features_in_sam", useHighResFeaturesInSam, true);
        Check.only("iou_prediction_use_sigmoid", iouPredictionUseSigmoid, true);
        Check.only("use_obj_ptrs_in_encoder", useObjPtrsInEncoder, true);
        Check.only("pred_obj_scores", predObjScores, true);
        Check.only("pred_obj_scores_mlp", predObjScoresMlp, true);
        Check.only("fixed_no_obj_ptr", fixedNoObjPtr, true);
        Check.only("soft_no_obj_ptr", softNoObjPtr, false);
        Check.only("use_mlp_for_obj_ptr_proj", useMlpForObjPtrProj, true);
        Check.range("multimask_min_pt_num", multimaskMinPtNum, 0, MAX_FRAMES);
        Check.range("multimask_max_pt_num", multimaskMaxPtNum, 0, MAX_FRAMES);
        Check.that(
                maxCondFramesInAttn == -1 || maxCondFramesInAttn >= 2,
                "max_cond_frames_in_attn",
                "expected -1 (no limit) or at least 2, got " + maxCondFramesInAttn);
        Check.range("memory_temporal_stride_for_eval", memoryTemporalStrideForEval, 1, MAX_FRAMES);
        Check.range("max_obj_ptrs_in_encoder", maxObjPtrsInEncoder, 2, MAX_FRAMES);
        Check.that(
                addTposEncToObjPtrs || !projTposEncInObjPtrs,
                "proj_tpos_enc_in_obj_ptrs",
                "true needs add_tpos_enc_to_obj_ptrs: true");
        checkGrid(imageSize, backboneStride, imageEncoder.trunk());
        checkWidths(imageEncoder.neck().dModel(), memoryAttention, memoryEncoder);
    }

    private static void checkGrid(int imageSize, int backboneStride, HieraConfig trunk) {
        Check.only("backbone_stride", backboneStride, 16);
        Check.range("image_size", imageSize, 32, MAX_IMAGE_SIZE);
        Check.multiple("image_size", imageSize, 32);
        int window = trunk.windowSpec().get(0);
        Check.that(
                imageSize / HieraConfig.PATCH_STRIDE % window == 0,
                "image_size",
                "a quarter of it, " + imageSize / HieraConfig.PATCH_STRIDE
                        + ", must be a multiple of the trunk's first window, " + window);
    }

    private static void checkWidths(int dModel, MemoryAttentionConfig attention, MemoryEncoderConfig encoder) {
        Check.that(
                attention.dModel() == dModel,
                "memory_attention.d_model",
                "expected the neck's d_model = " + dModel + ", got " + attention.dModel());
        Check.that(
                encoder.inDim() == dModel,
                "memory_encoder.in_dim",
                "expected the neck's d_model = " + dModel + ", got " + encoder.inDim());
        int keyValueDim = attention.layer().crossAttention().kvInDim();
        Check.that(
                keyValueDim == encoder.outDim(),
                "memory_attention.layer.cross_attention.kv_in_dim",
                "expected memory_encoder.out_dim = " + encoder.outDim() + ", got " + keyValueDim);
    }

    /** Returns the side of the image embedding's grid: {@code image_size / 16}. */
    public int embeddingSize() {
        return imageSize / backboneStride;
    }

    /** Returns the side of low-resolution masks, mask prompts included: {@code image_size / 4}. */
    public int lowResMaskSize() {
        return 4 * embeddingSize();
    }

    /** Returns the channels of embeddings, tokens and pointers: the neck's {@code d_model}. */
    public int hiddenDim() {
        return imageEncoder.neck().dModel();
    }

    /** Returns the channels of a memory: {@code memory_encoder.out_dim}. */
    public int memoryDim() {
        return memoryEncoder.outDim();
    }

    /** Returns this model at another input size, in pixels; the weights stay the same. */
    public Sam2Config withImageSize(int size) {
        return with(size, binarizeMaskFromPtsForMemEnc, maskDecoder);
    }

    /** Returns this model with other extra settings of the mask decoder. */
    public Sam2Config withMaskDecoder(MaskDecoderConfig decoder) {
        return with(imageSize, binarizeMaskFromPtsForMemEnc, decoder);
    }

    /**
     * Returns this model as the reference's {@code build_sam2} makes it by default ({@code apply_postprocessing}):
     * the dynamic multimask fallback is on.
     */
    public Sam2Config withImagePostprocessing() {
        return with(imageSize, binarizeMaskFromPtsForMemEnc, MaskDecoderConfig.POSTPROCESSING);
    }

    /**
     * Returns this model as the reference's {@code build_sam2_video_predictor} makes it by default: the dynamic
     * multimask fallback is on and prompted frames are remembered by their binary mask. Its third setting, filling
     * holes of up to 8 pixels, belongs to the predictor.
     */
    public Sam2Config withVideoPostprocessing() {
        return with(imageSize, true, MaskDecoderConfig.POSTPROCESSING);
    }

    private Sam2Config with(int size, boolean binarize, MaskDecoderConfig decoder) {
        return new Sam2Config(
                imageEncoder,
                memoryAttention,
                memoryEncoder,
                numMaskmem,
                size,
                backboneStride,
                sigmoidScaleForMemEnc,
                sigmoidBiasForMemEnc,
                binarize,
                useMaskInputAsOutputWithoutSam,
                maxCondFramesInAttn,
                directlyAddNoMemEmbed,
                useHighResFeaturesInSam,
                multimaskOutputInSam,
                multimaskMinPtNum,
                multimaskMaxPtNum,
                multimaskOutputForTracking,
                useMultimaskTokenForObjPtr,
                iouPredictionUseSigmoid,
                memoryTemporalStrideForEval,
                nonOverlapMasksForMemEnc,
                useObjPtrsInEncoder,
                maxObjPtrsInEncoder,
                addTposEncToObjPtrs,
                projTposEncInObjPtrs,
                useSignedTposEncToObjPtrs,
                onlyObjPtrsInThePastForEval,
                predObjScores,
                predObjScoresMlp,
                fixedNoObjPtr,
                softNoObjPtr,
                useMlpForObjPtrProj,
                noObjEmbedSpatial,
                decoder);
    }
}
