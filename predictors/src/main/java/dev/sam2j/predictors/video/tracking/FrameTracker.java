package dev.sam2j.predictors.video.tracking;

import dev.sam2j.configs.Sam2Config;
import dev.sam2j.heads.MaskDecoder;
import dev.sam2j.heads.MaskSelector;
import dev.sam2j.hiera.ImageFeatures;
import dev.sam2j.hiera.LayerObserver;
import dev.sam2j.memory.MemoryTokens;
import dev.sam2j.predictors.LowResMask;
import dev.sam2j.predictors.model.FiniteOutputs;
import dev.sam2j.predictors.model.LoadedModel;
import dev.sam2j.tensor.Activation;
import dev.sam2j.tensor.Interpolation;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Section;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.Workspace;
import dev.sam2j.tensor.fused.Pick;
import dev.sam2j.tensor.fused.Where;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

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
    private final LoadedModel model;
    private final Sam2Config config;
    private final Ops ops;
    private final MaskSelector selector;
    private final LayerObserver observer;
    private final int lowRes;
    private final int embeddingSize;

    FrameTracker(LoadedModel model, Ops ops) {
        this.model = model;
        this.config = model.config();
        this.ops = ops;
        this.selector = new MaskSelector(config.maskDecoder());
        this.observer = model.observer();
        this.lowRes = config.lowResMaskSize();
        this.embeddingSize = config.embeddingSize();
    }

    /**
     * What was found of B objects, in tensors of the caller's workspace frame.
     *
     * @param masks low-resolution logits, as predicted, float32 (B, S, S)
     * @param pointers object pointers (B, C)
     * @param objectScores logit of each object being present, float32 (B, 1)
     * @param ious predicted quality of each mask, float32 (B, 1)
     */
    record Found(Tensor masks, Tensor pointers, Tensor objectScores, Tensor ious) {}

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
                float[] values = FiniteOutputs.require(model, "the logits of a mask", previous);
                float[] clamped = LowResMask.of(values, lowRes).logits();
                dense = model.promptEncoder().mask(ops, ops.tensor(clamped, 1, lowRes, lowRes, 1));
            }
            boolean multimask = multimask(clicks.labels().length, memory == null);
            decode(features, embedding, points(clicks), dense, multimask, found);
        }
        return found;
    }

    /** Finds objects where nothing was said about them, one for each memory. */
    Found unprompted(ImageFeatures features, List<MemoryTokens> memories) {
        Found found = room(memories.size());
        boolean multimask = multimask(0, false);
        try (Workspace.Frame frame = ops.frame()) {
            Tensor sparse = model.promptEncoder().noPoints(ops, memories.size());
            List<Tensor> operands = new ArrayList<>(List.of(
                    features.embedding(),
                    features.highRes0(),
                    features.highRes1(),
                    sparse,
                    found.masks(),
                    found.pointers(),
                    found.objectScores(),
                    found.ious()));
            memories.forEach(memory -> operands.addAll(List.of(memory.tokens(), memory.positions())));
            List<Integer> pointers =
                    memories.stream().map(MemoryTokens::pointerTokens).toList();
            recorded(
                    new Section("tracking", this, List.of(multimask, pointers)),
                    multimask,
                    () -> decode(
                            features,
                            conditioned(features, memories),
                            sparse,
                            model.promptEncoder().noMask(),
                            multimask,
                            found),
                    operands.toArray(new Tensor[0]));
        }
        return found;
    }

    /** Runs operations, as a section that a device may record if the host has no part in them. */
    private void recorded(Section section, boolean withoutHost, Runnable body, Tensor... operands) {
        if (withoutHost && observer == LayerObserver.NONE) {
            ops.capture(section, body, operands);
        } else {
            body.run();
        }
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
            decode(features, features.embedding(), model.promptEncoder().noPoints(ops, 1), dense, false, found);
            Tensor logits = ops.empty(1, size, size, 1);
            ops.unary(given, MASK_PROMPT_SCALE, MASK_PROMPT_SHIFT, Activation.NONE, logits);
            Tensor small = ops.interpolate(logits, Interpolation.BILINEAR_ANTIALIAS, lowRes, lowRes);
            ops.copy(small.reshape(1, lowRes * lowRes), found.masks().reshape(1, lowRes * lowRes));
        }
        boolean present = IntStream.range(0, mask.length).anyMatch(i -> mask[i] > 0);
        if (!present) {
            ops.copy(model.memory().pointers().absent(), found.pointers());
        }
        upload(found.objectScores(), present ? MASK_PROMPT_SCORE : -MASK_PROMPT_SCORE);
        upload(found.ious(), 1);
        return found;
    }

    private void upload(Tensor tensor, float value) {
        ops.backend().upload(new float[] {value}, 0, tensor);
    }

    private Found room(int batch) {
        return new Found(
                ops.emptyF32(batch, lowRes, lowRes),
                ops.empty(batch, config.hiddenDim()),
                ops.emptyF32(batch, 1),
                ops.emptyF32(batch, 1));
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

    private Tensor points(ObjectTrack.Clicks clicks) {
        return model.promptEncoder().points(ops, clicks.coordinates(), clicks.labels(), 1);
    }

    /** Decodes clicks (B, N, C) for each entry of the embedding (B, h, w, C) and fills in what was found. */
    private void decode(
            ImageFeatures features, Tensor embedding, Tensor sparse, Tensor dense, boolean multimask, Found found) {
        int batch = embedding.dim(0);
        Tensor positions = model.promptEncoder().gridPositions();
        MaskDecoder.Output output = model.maskDecoder()
                .forward(ops, embedding, features.highRes0(), features.highRes1(), sparse, dense, positions);
        Tensor masks = found.masks().reshape(batch, lowRes * lowRes);
        Tensor tokens = ops.empty(batch, config.hiddenDim());
        if (multimask) {
            ops.run(new Pick(output.masks(), output.iou(), 1, 0, masks));
            ops.run(new Pick(output.iou().reshape(batch, MaskDecoder.MASKS, 1), output.iou(), 1, 0, found.ious()));
        } else {
            chooseSingle(output, masks, found.ious());
        }
        if (multimask && config.useMultimaskTokenForObjPtr()) {
            ops.run(new Pick(output.queries(), output.iou(), 1, MaskDecoder.FIRST_MASK_TOKEN, tokens));
        } else {
            ops.copy(output.queries().token(MaskDecoder.FIRST_MASK_TOKEN), tokens);
        }
        ops.copy(output.objectScore(), found.objectScores());
        Tensor nothing = ops.emptyF32(1, lowRes);
        Tensor rows = found.masks().reshape(batch * lowRes, lowRes);
        ops.unary(rows.slice(0, 1), 0, ABSENT_LOGIT, Activation.NONE, nothing);
        ops.run(new Where(found.objectScores(), rows, nothing, rows));
        model.memory().pointers().present(ops, tokens, found.pointers());
        ops.run(new Where(
                found.objectScores(),
                found.pointers(),
                model.memory().pointers().absent(),
                found.pointers()));
    }

    /** The masks (B, S*S), and their qualities, that answer where one mask is wanted. */
    private void chooseSingle(MaskDecoder.Output output, Tensor masks, Tensor qualities) {
        float[] ious = ops.toHost(output.iou());
        for (int i = 0; i < masks.rows(); i++) {
            float[] iou = Arrays.copyOfRange(ious, i * MaskDecoder.MASKS, (i + 1) * MaskDecoder.MASKS);
            Tensor all = output.masks().slice(i, i + 1).reshape(MaskDecoder.MASKS, lowRes * lowRes);
            int chosen = selector.single(ops.toHost(all.slice(0, 1)), iou);
            ops.copy(all.slice(chosen, chosen + 1), masks.slice(i, i + 1));
            ops.copy(output.iou().slice(i, i + 1).columns(chosen, chosen + 1), qualities.slice(i, i + 1));
        }
    }

    /**
     * Makes memories of objects on a frame.
     *
     * @param masks low-resolution logits of each object, float32 (B, S, S)
     * @param objectScores presence logit of each, float32 (B, 1)
     * @param prompted whether the masks come from prompts
     * @param destinations where the memories go, (tokens, channels) each
     */
    void remember(
            ImageFeatures features, Tensor masks, Tensor objectScores, boolean prompted, List<Tensor> destinations) {
        int batch = masks.dim(0);
        boolean binarize = prompted && config.binarizeMaskFromPtsForMemEnc();
        try (Workspace.Frame frame = ops.frame()) {
            Tensor encoded = ops.empty(batch * embeddingSize * embeddingSize, config.memoryDim());
            recorded(
                    new Section("remembering", this, binarize),
                    !binarize,
                    () -> encode(features, masks, objectScores, binarize, encoded),
                    features.embedding(),
                    masks,
                    objectScores,
                    encoded);
            int tokens = embeddingSize * embeddingSize;
            for (int i = 0; i < batch; i++) {
                Tensor memory = encoded.slice(i * tokens, (i + 1) * tokens);
                observer.layer("maskmem_features", memory.reshape(1, embeddingSize, embeddingSize, memory.cols()));
                ops.roundToBf16(memory, destinations.get(i));
            }
        }
    }

    private void encode(
            ImageFeatures features, Tensor masks, Tensor objectScores, boolean binarize, Tensor destination) {
        Tensor memory = model.memory().encoder().forward(ops, features.embedding(), memoryInput(masks, binarize));
        Tensor rows = memory.reshape(destination.rows(), destination.cols());
        Tensor noObject = model.memory().noObject();
        if (noObject == null) {
            ops.copy(rows, destination);
        } else {
            ops.run(new Where(objectScores, rows, ops.add(rows, noObject), destination));
        }
    }

    /** Enlarges masks to the model's picture and maps them to the range the memory encoder expects. */
    private Tensor memoryInput(Tensor masks, boolean binarize) {
        int size = config.imageSize();
        float scale = (float) config.sigmoidScaleForMemEnc();
        float shift = (float) config.sigmoidBiasForMemEnc();
        Tensor input = ops.empty(masks.dim(0), size, size, 1);
        for (int i = 0; i < masks.dim(0); i++) {
            Tensor one = input.slice(i, i + 1);
            try (Workspace.Frame frame = ops.frame()) {
                Tensor low = masks.slice(i, i + 1).reshape(1, lowRes, lowRes, 1);
                Tensor high = ops.interpolate(low, Interpolation.BILINEAR, size, size);
                if (binarize) {
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
}
