package dev.sam2j.training.model;

import dev.sam2j.configs.Sam2Config;
import dev.sam2j.heads.MaskDecoder;
import dev.sam2j.tensor.Activation;
import dev.sam2j.training.grad.GradOps;
import dev.sam2j.training.grad.ParameterStore;
import dev.sam2j.training.grad.Var;
import java.util.ArrayList;
import java.util.List;

/** Predicts masks, their quality and whether the object is there at all: see {@link MaskDecoder}. */
final class TrainableMaskDecoder {
    private static final int OBJECT_SCORE_TOKEN = 0;
    private static final int IOU_TOKEN = 1;
    private static final int IOU_WIDTH = 256;
    private static final float EPS = 1e-6f;

    private final int channels;
    private final Var objectScoreToken;
    private final Var iouToken;
    private final Var maskTokens;
    private final TwoWayTransformer transformer;
    private final Linear upscale1;
    private final LayerNorm upscaleNorm;
    private final Linear upscale2;
    private final Mlp[] hypernetworks = new Mlp[MaskDecoder.MASKS];
    private final Mlp iouHead;
    private final Mlp objectScoreHead;

    TrainableMaskDecoder(ParameterStore.Path path, Sam2Config config) {
        this.channels = config.hiddenDim();
        this.transformer = new TwoWayTransformer(path.at("transformer"), channels);
        this.iouToken = path.vector("iou_token.weight", 1, channels).var();
        this.maskTokens =
                path.vector("mask_tokens.weight", MaskDecoder.MASKS, channels).var();
        this.objectScoreToken =
                path.vector("obj_score_token.weight", 1, channels).var();
        ParameterStore.Path upscaling = path.at("output_upscaling");
        this.upscale1 = Linear.transposed(upscaling.at(0), channels, channels / 4);
        this.upscaleNorm = LayerNorm.of(upscaling.at(1), channels / 4, EPS);
        this.upscale2 = Linear.transposed(upscaling.at(3), channels / 4, channels / 8);
        for (int m = 0; m < MaskDecoder.MASKS; m++) {
            hypernetworks[m] = new Mlp(path.at("output_hypernetworks_mlps").at(m), channels, channels, channels / 8, 3);
        }
        this.iouHead = new Mlp(path.at("iou_prediction_head"), channels, IOU_WIDTH, MaskDecoder.MASKS, 3);
        this.objectScoreHead = new Mlp(path.at("pred_obj_score_head"), channels, channels, 1, 3);
    }

    /**
     * Decodes N prompts.
     *
     * @param image (N, h*w, C), or (1, h*w, C) for one that all share; embedded masks included
     * @param highRes0 (1, 4h, 4w, C/8)
     * @param highRes1 (1, 2h, 2w, C/4)
     * @param sparse embedded points (N, P, C)
     * @param positions of the image's grid, (1, h*w, C)
     * @param multimask whether the masks are numbers 1 to 3 instead of 0
     */
    Prediction forward(
            GradOps ops, Var image, Var highRes0, Var highRes1, Var sparse, Var positions, boolean multimask) {
        int first = multimask ? 1 : 0;
        int masks = multimask ? MaskDecoder.MASKS - 1 : 1;
        TwoWayBlock.Result attended = transformer.forward(ops, tokens(ops, sparse), image, positions);
        Var queries = attended.queries();
        Var filters = filters(ops, queries, first, masks);
        Var upscaled = upscaled(ops, attended.image(), highRes0, highRes1);
        Var iou = ops.activation(Activation.SIGMOID, iouHead.forward(ops, queries.token(IOU_TOKEN)));
        Var objectScore = objectScoreHead.forward(ops, queries.token(OBJECT_SCORE_TOKEN));
        return new Prediction(ops.matmul(filters, upscaled), iou.columns(first, first + masks), objectScore);
    }

    /** What the decoder predicts from, and the prompt's points: (N, 6 + P, C). */
    private Var tokens(GradOps ops, Var sparse) {
        int prompts = sparse.dim(0);
        int points = sparse.dim(1);
        List<GradOps.Rows> rows = new ArrayList<>();
        for (int prompt = 0; prompt < prompts; prompt++) {
            rows.add(new GradOps.Rows(objectScoreToken, 0, 1));
            rows.add(new GradOps.Rows(iouToken, 0, 1));
            rows.add(new GradOps.Rows(maskTokens, 0, MaskDecoder.MASKS));
            rows.add(new GradOps.Rows(sparse, prompt * points, points));
        }
        return ops.gather(rows, prompts, MaskDecoder.FIRST_MASK_TOKEN + MaskDecoder.MASKS + points, channels);
    }

    /** Filters (N, M, C/8). All networks take part in a step, whichever masks are asked for, as in the reference. */
    private Var filters(GradOps ops, Var queries, int first, int masks) {
        Var[] all = new Var[MaskDecoder.MASKS];
        for (int m = 0; m < all.length; m++) {
            all[m] = hypernetworks[m].forward(ops, queries.token(MaskDecoder.FIRST_MASK_TOKEN + m));
        }
        List<GradOps.Rows> rows = new ArrayList<>();
        for (int prompt = 0; prompt < queries.dim(0); prompt++) {
            for (Var filters : all) {
                rows.add(new GradOps.Rows(filters, prompt, 1));
            }
        }
        Var everything = ops.gather(rows, queries.dim(0), all.length, channels / 8);
        List<GradOps.Rows> chosen = new ArrayList<>();
        for (int prompt = 0; prompt < queries.dim(0); prompt++) {
            chosen.add(new GradOps.Rows(everything, prompt * all.length + first, masks));
        }
        return ops.gather(chosen, queries.dim(0), masks, channels / 8);
    }

    /** The image four times enlarged, (N, 16*h*w, C/8). */
    private Var upscaled(GradOps ops, Var image, Var highRes0, Var highRes1) {
        Var x = image.reshape(image.dim(0), highRes1.dim(1) / 2, highRes1.dim(2) / 2, channels);
        Var half = ops.convTranspose2d(x, upscale1.weight(), upscale1.bias(), highRes1);
        half = ops.activation(Activation.GELU, upscaleNorm.forward(ops, half));
        Var full = ops.convTranspose2d(half, upscale2.weight(), upscale2.bias(), highRes0);
        full = ops.activation(Activation.GELU, full);
        return full.reshape(full.dim(0), full.dim(1) * full.dim(2), channels / 8);
    }
}
