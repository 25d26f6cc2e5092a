package dev.sam2j.heads;

import dev.sam2j.configs.Sam2Config;
import dev.sam2j.tensor.Activation;
import dev.sam2j.tensor.Lazy;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Section;
import dev.sam2j.tensor.Shape;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.fused.DenseImages;
import dev.sam2j.tensor.fused.DrawMasks;
import dev.sam2j.tensor.fused.Images;
import dev.sam2j.tensor.fused.MaskUpscaling;
import dev.sam2j.tensor.fused.ShareImage;
import dev.sam2j.tensor.nn.ConvTranspose2d;
import dev.sam2j.tensor.nn.LayerNorm;
import dev.sam2j.tensor.nn.Mlp;
import dev.sam2j.tensor.weights.Parameter;
import dev.sam2j.tensor.weights.Weights;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Predicts masks, their quality and whether the object is there at all from an image embedding and embedded prompts.
 */
public final class MaskDecoder {
    /** Masks a prompt yields: number 0 for unambiguous prompts, 1 to 3 as alternatives for ambiguous ones. */
    public static final int MASKS = 4;
    /** Row of mask 0's token among the tokens of a prompt. */
    public static final int FIRST_MASK_TOKEN = 2;

    private static final int OBJECT_SCORE_TOKEN = 0;
    private static final int IOU_TOKEN = 1;
    private static final int IOU_WIDTH = 256;
    private static final float EPS = 1e-6f;

    private final int channels;
    private final Lazy<Tensor> outputTokens; // (1, 6, C)
    private final TwoWayTransformer transformer;
    private final ConvTranspose2d upscale1;
    private final LayerNorm upscaleNorm;
    private final ConvTranspose2d upscale2;
    private final Mlp[] hypernetworks = new Mlp[MASKS];
    private final Mlp iouHead;
    private final Activation iouActivation;
    private final Mlp objectScoreHead;

    /** A mask decoder at {@code weights} ({@code sam_mask_decoder}). */
    public MaskDecoder(Weights weights, Sam2Config config) {
        this.channels = config.hiddenDim();
        this.transformer = new TwoWayTransformer(weights.at("transformer"), channels);
        Parameter iouToken = weights.get("iou_token.weight", 1, channels);
        Parameter maskTokens = weights.get("mask_tokens.weight", MASKS, channels);
        Parameter objectScoreToken = weights.get("obj_score_token.weight", 1, channels);
        this.outputTokens = weights.constant(
                Shape.of(1, FIRST_MASK_TOKEN + MASKS, channels),
                () -> joined(objectScoreToken.read(), iouToken.read(), maskTokens.read()));
        Weights upscaling = weights.at("output_upscaling");
        this.upscale1 = new ConvTranspose2d(upscaling.at(0), channels, channels / 4);
        this.upscaleNorm = new LayerNorm(upscaling.at(1), channels / 4, EPS);
        this.upscale2 = new ConvTranspose2d(upscaling.at(3), channels / 4, channels / 8);
        for (int m = 0; m < MASKS; m++) {
            Weights head = weights.at("output_hypernetworks_mlps").at(m);
            hypernetworks[m] = new Mlp(head, channels, channels, channels / 8, 3, Activation.RELU);
        }
        Weights iou = weights.at("iou_prediction_head");
        this.iouHead = new Mlp(iou, channels, IOU_WIDTH, MASKS, 3, Activation.RELU);
        this.iouActivation = config.iouPredictionUseSigmoid() ? Activation.SIGMOID : Activation.NONE;
        Weights score = weights.at("pred_obj_score_head");
        this.objectScoreHead = new Mlp(score, channels, channels, 1, 3, Activation.RELU);
    }

    /**
     * What the decoder predicts for B prompts.
     *
     * @param masks logits (B, 4, h*w) on the grid of a quarter of the model's picture
     * @param iou predicted quality of each mask, (B, 4)
     * @param objectScore logit of the object being present, (B, 1)
     * @param queries final tokens (B, T, C): object score, quality, four masks, prompts
     */
    public record Output(Tensor masks, Tensor iou, Tensor objectScore, Tensor queries) {}

    /**
     * B prompts that the image has been looked at for, while their masks are still to be drawn.
     *
     * @param queries final tokens (B, T, C): object score, quality, four masks, prompts
     * @param images final embeddings of the image
     * @param iou predicted quality of each mask, (B, 4)
     * @param objectScore logit of the object being present, (B, 1)
     */
    public record Attended(Tensor queries, Images images, Tensor iou, Tensor objectScore) {
        /** Prompts {@code from} (inclusive) to {@code to} (exclusive), as views. */
        public Attended prompts(int from, int to) {
            return new Attended(
                    queries.slice(from, to), images.slice(from, to), iou.slice(from, to), objectScore.slice(from, to));
        }
    }

    /**
     * Decodes B prompts.
     *
     * @param embedding (B or 1, h, w, C), including the no-memory embedding where it applies
     * @param highRes0 (1, 4h, 4w, C/8)
     * @param highRes1 (1, 2h, 2w, C/4)
     * @param sparse embedded points (B, N, C), or null for none
     * @param dense embedded masks (B, h, w, C), or the no-mask embedding (1, 1, 1, C)
     * @param positions of the embedding's grid, (1, h*w, C)
     */
    public Output forward(
            Ops ops,
            Tensor embedding,
            Tensor highRes0,
            Tensor highRes1,
            Tensor sparse,
            Tensor dense,
            Tensor positions) {
        int batch = batch(embedding, sparse, dense);
        int tokens = tokenCount(sparse);
        // Logits and qualities are compared with thresholds and with each other: they stay float32.
        Tensor masks = ops.emptyF32(batch, MASKS, 16 * embedding.dim(1) * embedding.dim(2));
        Tensor queries = ops.empty(batch, tokens, channels);
        Tensor iou = ops.emptyF32(batch, MASKS);
        Tensor objectScore = ops.emptyF32(batch, 1);
        ops.capture(
                Section.of("mask decoder", this),
                () -> {
                    Images images = images(ops, batch, embedding, positions);
                    Attended attended = new Attended(queries, images, iou, objectScore);
                    attend(ops, embedding, sparse, dense, positions, attended);
                    drawMasks(ops, attended, highRes0, highRes1, 0, masks);
                },
                operands(embedding, highRes0, highRes1, sparse, dense, positions, masks, queries, iou, objectScore));
        return new Output(masks, iou, objectScore, queries);
    }

    /**
     * The part of {@link #forward} that ends with the predicted qualities, so that masks not worth drawing need not be
     * drawn; the parameters are the same.
     */
    public Attended attend(Ops ops, Tensor embedding, Tensor sparse, Tensor dense, Tensor positions) {
        int batch = batch(embedding, sparse, dense);
        Attended attended = attended(ops, images(ops, batch, embedding, positions), tokenCount(sparse));
        ops.capture(
                Section.of("mask decoder, transformer", this),
                () -> attend(ops, embedding, sparse, dense, positions, attended),
                operands(attended, embedding, sparse, dense, positions));
        return attended;
    }

    private Images images(Ops ops, int batch, Tensor embedding, Tensor positions) {
        return new DenseImages(ops.empty(batch, embedding.dim(1) * embedding.dim(2), channels), positions);
    }

    /**
     * Computes once what many calls of {@link #attend(Ops, Images, Tensor)} have in common.
     *
     * @param embedding (1, h, w, C), including the no-memory embedding where it applies
     * @param dense embedded mask (1, h, w, C), or the no-mask embedding (1, 1, 1, C)
     * @param positions of the embedding's grid, (1, h*w, C)
     * @param points of each prompt, without the padding point
     * @return the shared image, in the caller's frame of the workspace
     */
    public Images share(Ops ops, Tensor embedding, Tensor dense, Tensor positions, int points) {
        Tensor image = ops.add(embedding, dense);
        AtomicReference<Images> shared = new AtomicReference<>();
        ops.run(share(image, positions, points, shared::set));
        return shared.get();
    }

    /** What makes {@code destination} the image (1, h, w, C) of many prompts with so many points each. */
    ShareImage share(Tensor image, Tensor positions, int points, Consumer<Images> destination) {
        return transformer.share(new DenseImages(tokens(image), positions), tokensOf(points), destination);
    }

    /** Tokens of a prompt of so many points, with the padding point. */
    static int tokensOf(int points) {
        return FIRST_MASK_TOKEN + MASKS + points + 1;
    }

    /**
     * {@link #attend(Ops, Tensor, Tensor, Tensor, Tensor)} for prompts that share an image.
     *
     * @param sparse embedded points (B, N, C)
     */
    public Attended attend(Ops ops, Images image, Tensor sparse) {
        int tokenCount = tokenCount(sparse);
        Attended attended = attended(ops, image.expand(sparse.dim(0), tokenCount, ops.workspace()), tokenCount);
        Tensor[] shared =
                Stream.concat(Stream.of(sparse), Arrays.stream(image.tensors())).toArray(Tensor[]::new);
        ops.capture(
                Section.of("mask decoder, transformer with a shared image", this),
                () -> attend(ops, sparse, image, attended),
                operands(attended, shared));
        return attended;
    }

    private Attended attended(Ops ops, Images images, int tokens) {
        int batch = images.batch();
        return new Attended(
                ops.empty(batch, tokens, channels), images, ops.emptyF32(batch, MASKS), ops.emptyF32(batch, 1));
    }

    /**
     * Draws the masks {@code first} to 3 of B prompts.
     *
     * @return logits (B, 4 - first, 16*h*w)
     */
    public Tensor masks(Ops ops, Attended attended, Tensor highRes0, Tensor highRes1, int first) {
        Tensor masks = ops.emptyF32(attended.images().batch(), MASKS - first, highRes0.dim(1) * highRes0.dim(2));
        ops.capture(
                new Section("mask decoder, masks", this, first),
                () -> drawMasks(ops, attended, highRes0, highRes1, first, masks),
                operands(attended, highRes0, highRes1, masks));
        return masks;
    }

    /** Those that there are. */
    private static Tensor[] operands(Tensor... tensors) {
        return Arrays.stream(tensors).filter(Objects::nonNull).toArray(Tensor[]::new);
    }

    private static Tensor[] operands(Attended attended, Tensor... others) {
        Stream<Tensor> own = Stream.of(attended.queries(), attended.iou(), attended.objectScore());
        Stream<Tensor> images = Arrays.stream(attended.images().tensors());
        return operands(Stream.of(own, images, Arrays.stream(others))
                .flatMap(all -> all)
                .toArray(Tensor[]::new));
    }

    private static int batch(Tensor embedding, Tensor sparse, Tensor dense) {
        return Math.max(sparse == null ? 1 : sparse.dim(0), Math.max(embedding.dim(0), dense.dim(0)));
    }

    private static int tokenCount(Tensor sparse) {
        return FIRST_MASK_TOKEN + MASKS + (sparse == null ? 0 : sparse.dim(1));
    }

    private void attend(Ops ops, Tensor embedding, Tensor sparse, Tensor dense, Tensor positions, Attended out) {
        Tensor image = embedding.dim(0) < dense.dim(0) ? ops.add(dense, embedding) : ops.add(embedding, dense);
        attend(ops, sparse, new DenseImages(tokens(image), positions), out);
    }

    /** (B, h, w, C) to (B, h*w, C). */
    private static Tensor tokens(Tensor image) {
        return image.reshape(image.dim(0), image.dim(1) * image.dim(2), image.cols());
    }

    private void attend(Ops ops, Tensor sparse, Images images, Attended out) {
        Tensor tokens = tokens(ops, sparse, out.queries().dim(0));
        transformer.forward(ops, tokens, images, out.images(), out.queries());
        iouHead.forwardInto(ops, out.queries().token(IOU_TOKEN), iouActivation, out.iou());
        objectScoreHead.forwardInto(ops, out.queries().token(OBJECT_SCORE_TOKEN), Activation.NONE, out.objectScore());
    }

    private Tensor tokens(Ops ops, Tensor sparse, int batch) {
        if (sparse == null) {
            return ops.repeat(outputTokens.get(), batch);
        }
        return ops.concatTokens(outputTokens.get(), sparse);
    }

    private void drawMasks(
            Ops ops, Attended attended, Tensor highRes0, Tensor highRes1, int first, Tensor destination) {
        Tensor filters = ops.empty(attended.images().batch(), MASKS - first, channels / 8);
        for (int m = first; m < MASKS; m++) {
            Tensor token = attended.queries().token(FIRST_MASK_TOKEN + m);
            hypernetworks[m].forwardInto(ops, token, Activation.NONE, filters.token(m - first));
        }
        MaskUpscaling layers = new MaskUpscaling(upscale1.projection(), upscaleNorm.norm(), upscale2.projection());
        ops.run(new DrawMasks(attended.images(), layers, highRes0, highRes1, filters, destination));
    }

    private static float[] joined(float[]... parts) {
        int length = 0;
        for (float[] part : parts) {
            length += part.length;
        }
        float[] all = new float[length];
        int at = 0;
        for (float[] part : parts) {
            System.arraycopy(part, 0, all, at, part.length);
            at += part.length;
        }
        return all;
    }
}
