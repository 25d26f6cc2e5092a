package dev.sam2j.predictors.video;

import dev.sam2j.configs.Sam2Config;
import dev.sam2j.heads.MaskDecoder;
import dev.sam2j.heads.MaskSelector;
import dev.sam2j.heads.PromptEncoder;
import dev.sam2j.hiera.ImageFeatures;
import dev.sam2j.hiera.LayerObserver;
import dev.sam2j.memory.MemoryTokens;
import dev.sam2j.predictors.LowResMask;
import dev.sam2j.predictors.Sam2Model;
import dev.sam2j.tensor.Activation;
import dev.sam2j.tensor.Interpolation;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Pending;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.Workspace;
import java.util.Arrays;
import java.util.List;

/**
 * Works on one frame: finds objects with or without prompts, and makes memories of them. Several objects go in one
 * batch.
 */
final class FrameTracker {
    /** Logit of every pixel of an absent object. */
    static final float ABSENT_LOGIT = -1024;

    private static final float MASK_PROMPT_SCORE = 10;
    private static final float MASK_PROMPT_SCALE = 20;
    private static final float MASK_PROMPT_SHIFT = -10;
    private static final ObjectTrack.Clicks NO_CLICKS =
            new ObjectTrack.Clicks(new float[2], new int[] {PromptEncoder.PADDING});

    private final Sam2Model model;
    private final Sam2Config config;
    private final Ops ops;
    private final MaskSelector selector;
    private final LayerObserver observer;
    private final int lowRes;
    private final int embeddingSize;

    FrameTracker(Sam2Model model, Ops ops, LayerObserver observer) {
        this.model = model;
        this.config = model.config();
        this.ops = ops;
        this.selector = new MaskSelector(config.maskDecoder());
        this.observer = observer;
        this.lowRes = config.lowResMaskSize();
        this.embeddingSize = config.embeddingSize();
    }

    /**
     * What was found of B objects. The tensors belong to the workspace frame of the caller.
     *
     * @param masks low-resolution logits, as predicted, float32 (B, S, S)
     * @param pointers object pointers (B, C)
     * @param objectScores logit of each object being present
     * @param ious predicted quality of each mask
     */
    record Found(Tensor masks, Tensor pointers, float[] objectScores, float[] ious) {}

    /**
     * Finds a clicked object.
     *
     * @param memory what it remembers, or null on a frame where it starts
     * @param previous mask to refine, or null
     */
    Found prompted(ImageFeatures features, MemoryTokens memory, ObjectTrack.Clicks clicks, float[] previous) {
        Found found = room(1);
        try (Workspace.Frame frame = ops.frame()) {
            Tensor embedding = memory == null ? unconditioned(features) : conditioned(features, List.of(memory));
            Tensor dense = model.promptEncoder().noMask();
            if (previous != null) {
                Tensor logits = ops.tensor(clamped(previous), 1, lowRes, lowRes, 1);
                dense = model.promptEncoder().mask(ops, logits);
            }
            decode(features, embedding, clicks, dense, multimask(clicks.labels().length, memory == null), found);
        }
        return found;
    }

    /** Finds objects where nothing was said about them, one for each memory. */
    Found unprompted(ImageFeatures features, List<MemoryTokens> memories) {
        Found found = room(memories.size());
        try (Workspace.Frame frame = ops.frame()) {
            Tensor embedding = conditioned(features, memories);
            decode(features, embedding, NO_CLICKS, model.promptEncoder().noMask(), multimask(0, false), found);
        }
        return found;
    }

    /**
     * Takes a mask for granted.
     *
     * @param mask S*S values, 0 or 1
     */
    Found masked(ImageFeatures features, float[] mask) {
        Found found = room(1);
        try (Workspace.Frame frame = ops.frame()) {
            int size = config.imageSize();
            Tensor given = ops.tensor(mask, 1, size, size, 1);
            Tensor dense = model.promptEncoder().mask(ops, model.memory().maskPrompt(ops, given));
            decode(features, features.embedding(), NO_CLICKS, dense, false, found);
            Tensor logits = ops.empty(1, size, size, 1);
            ops.unary(given, MASK_PROMPT_SCALE, MASK_PROMPT_SHIFT, Activation.NONE, logits);
            Tensor small = ops.interpolate(logits, Interpolation.BILINEAR_ANTIALIAS, lowRes, lowRes);
            ops.copy(small.reshape(1, lowRes * lowRes), found.masks().reshape(1, lowRes * lowRes));
        }
        boolean present = false;
        for (float value : mask) {
            present |= value > 0;
        }
        if (!present) {
            ops.copy(model.memory().pointers().absent(), found.pointers());
        }
        float score = present ? MASK_PROMPT_SCORE : -MASK_PROMPT_SCORE;
        return new Found(found.masks(), found.pointers(), new float[] {score}, new float[] {1});
    }

    private Found room(int batch) {
        return new Found(
                ops.emptyF32(batch, lowRes, lowRes),
                ops.empty(batch, config.hiddenDim()),
                new float[batch],
                new float[batch]);
    }

    private boolean multimask(int points, boolean first) {
        return config.multimaskOutputInSam()
                && (first || config.multimaskOutputForTracking())
                && points >= config.multimaskMinPtNum()
                && points <= config.multimaskMaxPtNum();
    }

    private Tensor unconditioned(ImageFeatures features) {
        Tensor embedding = ops.add(features.embedding(), model.noMemory());
        observer.layer("pix_feat_with_mem", embedding);
        return embedding;
    }

    private Tensor conditioned(ImageFeatures features, List<MemoryTokens> memories) {
        Tensor conditioned = model.memory().attention().forward(ops, features.embedding(), memories);
        for (int i = 0; i < memories.size(); i++) {
            observer.layer("pix_feat_with_mem", conditioned.slice(i, i + 1));
        }
        return conditioned;
    }

    /** Decodes the same clicks for each entry of the embedding (B, h, w, C) and fills in what was found. */
    private void decode(
            ImageFeatures features,
            Tensor embedding,
            ObjectTrack.Clicks clicks,
            Tensor dense,
            boolean multimask,
            Found found) {
        int batch = embedding.dim(0);
        PromptEncoder encoder = model.promptEncoder();
        Tensor sparse =
                encoder.points(ops, repeated(clicks.coordinates(), batch), repeated(clicks.labels(), batch), batch);
        MaskDecoder.Output output = model.maskDecoder()
                .forward(
                        ops,
                        embedding,
                        features.highRes0(),
                        features.highRes1(),
                        sparse,
                        dense,
                        encoder.gridPositions());
        Pending<float[]> ious = ops.toHostLater(output.iou());
        Pending<float[]> scores = ops.toHostLater(output.objectScore());
        Tensor tokens = ops.empty(batch, config.hiddenDim());
        for (int i = 0; i < batch; i++) {
            float[] iou = Arrays.copyOfRange(ious.get(), i * MaskDecoder.MASKS, (i + 1) * MaskDecoder.MASKS);
            Tensor masks = output.masks().slice(i, i + 1).reshape(MaskDecoder.MASKS, lowRes * lowRes);
            int chosen = multimask ? MaskSelector.best(iou) : selector.single(ops.toHost(masks.slice(0, 1)), iou);
            int token = multimask && config.useMultimaskTokenForObjPtr() ? chosen : 0;
            found.ious()[i] = iou[chosen];
            found.objectScores()[i] = scores.get()[i];
            ops.copy(output.maskToken(i, token), tokens.slice(i, i + 1));
            Tensor mask = found.masks().slice(i, i + 1).reshape(1, lowRes * lowRes);
            if (found.objectScores()[i] > 0) {
                ops.copy(masks.slice(chosen, chosen + 1), mask);
            } else {
                ops.unary(masks.slice(chosen, chosen + 1), 0, ABSENT_LOGIT, Activation.NONE, mask);
            }
        }
        model.memory().pointers().present(ops, tokens, found.pointers());
        for (int i = 0; i < batch; i++) {
            if (found.objectScores()[i] <= 0) {
                ops.copy(model.memory().pointers().absent(), found.pointers().slice(i, i + 1));
            }
        }
    }

    /**
     * Makes memories of objects on a frame.
     *
     * @param masks low-resolution logits of each object, float32 (B, S, S)
     * @param objectScores presence logit of each
     * @param prompted whether the masks come from prompts
     * @param destinations where the memories go, (tokens, channels) each
     */
    void remember(
            ImageFeatures features, Tensor masks, float[] objectScores, boolean prompted, List<Tensor> destinations) {
        int batch = masks.dim(0);
        try (Workspace.Frame frame = ops.frame()) {
            Tensor encoded = model.memory().encoder().forward(ops, features.embedding(), memoryInput(masks, prompted));
            for (int i = 0; i < batch; i++) {
                Tensor memory = encoded.slice(i, i + 1); // (1, h, w, Cm)
                Tensor noObject = model.memory().noObject();
                if (noObject != null && objectScores[i] <= 0) {
                    ops.add(memory, 1, noObject, 1, memory);
                }
                observer.layer("maskmem_features", memory);
                ops.roundToBf16(memory.reshape(embeddingSize * embeddingSize, memory.cols()), destinations.get(i));
            }
        }
    }

    /** Enlarges masks to the model's picture and maps them to the range the memory encoder expects. */
    private Tensor memoryInput(Tensor masks, boolean prompted) {
        int size = config.imageSize();
        float scale = (float) config.sigmoidScaleForMemEnc();
        float shift = (float) config.sigmoidBiasForMemEnc();
        Tensor input = ops.empty(masks.dim(0), size, size, 1);
        for (int i = 0; i < masks.dim(0); i++) {
            Tensor one = input.slice(i, i + 1);
            try (Workspace.Frame frame = ops.frame()) {
                Tensor low = masks.slice(i, i + 1).reshape(1, lowRes, lowRes, 1);
                Tensor high = ops.interpolate(low, Interpolation.BILINEAR, size, size);
                if (prompted && config.binarizeMaskFromPtsForMemEnc()) {
                    binarize(high);
                } else {
                    ops.unary(high, 1, 0, Activation.SIGMOID, high);
                }
                ops.unary(high, scale, shift, Activation.NONE, one);
            }
        }
        return input;
    }

    private void binarize(Tensor logits) {
        float[] values = ops.toHost(logits);
        for (int i = 0; i < values.length; i++) {
            values[i] = values[i] > 0 ? 1 : 0;
        }
        ops.backend().upload(values, 0, logits);
    }

    private static float[] clamped(float[] logits) {
        float[] result = new float[logits.length];
        for (int i = 0; i < result.length; i++) {
            result[i] = Math.max(-LowResMask.LIMIT, Math.min(LowResMask.LIMIT, logits[i]));
        }
        return result;
    }

    private static float[] repeated(float[] values, int times) {
        float[] all = new float[values.length * times];
        for (int i = 0; i < times; i++) {
            System.arraycopy(values, 0, all, i * values.length, values.length);
        }
        return all;
    }

    private static int[] repeated(int[] values, int times) {
        int[] all = new int[values.length * times];
        for (int i = 0; i < times; i++) {
            System.arraycopy(values, 0, all, i * values.length, values.length);
        }
        return all;
    }
}
