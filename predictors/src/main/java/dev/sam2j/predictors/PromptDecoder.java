package dev.sam2j.predictors;

import dev.sam2j.common.Lifecycle;
import dev.sam2j.heads.DecodedMasks;
import dev.sam2j.heads.MaskDecoder;
import dev.sam2j.heads.MaskSelector;
import dev.sam2j.heads.PromptedImage;
import dev.sam2j.hiera.ImageFeatures;
import dev.sam2j.predictors.mask.Mask;
import dev.sam2j.predictors.mask.regions.SmallRegions;
import dev.sam2j.predictors.model.EncodedPicture;
import dev.sam2j.predictors.model.FiniteOutputs;
import dev.sam2j.predictors.model.LoadedModel;
import dev.sam2j.predictors.model.ModelPrompt;
import dev.sam2j.tensor.Interpolation;
import dev.sam2j.tensor.MaskBits;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Pending;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.Workspace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Answers prompts about an encoded picture: groups those of equal form into batches, decodes them, makes masks. */
final class PromptDecoder implements AutoCloseable {
    /** Prompts decoded at once: bounds the working memory, about 20 MB for each with the released models. */
    private static final int BATCH = 16;

    private static final int FIRST_ALTERNATIVE = 1;

    private final LoadedModel model;
    private final Ops ops;
    private final MaskSelector selector;
    private final int lowRes;
    private EncodedPicture prompted;
    private PromptedImage image;

    PromptDecoder(LoadedModel model, Ops ops) {
        this.model = model;
        this.ops = ops;
        this.selector = new MaskSelector(model.config().maskDecoder());
        this.lowRes = model.config().lowResMaskSize();
    }

    /** Prompts with as many points each, and all with a mask or all without, can be decoded together. */
    private record Form(int points, boolean mask) {
        /** Nothing tells the decoder how many prompts there are that say nothing: each goes alone. */
        int batch() {
            return points == 0 && !mask ? 1 : BATCH;
        }
    }

    List<Prediction> decode(EncodedPicture embedding, List<Prompt> prompts, PredictOptions options) {
        if (embedding.model() != model) {
            throw new IllegalArgumentException("predict: the embedding was made by another instance of a model ("
                    + embedding.model().name() + ") than this predictor's (" + model.name() + ")");
        }
        try (Lifecycle.Use use = embedding.lifecycle().use()) {
            return grouped(embedding, prompts, options);
        }
    }

    private List<Prediction> grouped(EncodedPicture embedding, List<Prompt> prompts, PredictOptions options) {
        int width = embedding.width();
        int height = embedding.height();
        boolean normalized = options.normalizedCoordinates();
        ModelPrompt[] scaled = new ModelPrompt[prompts.size()];
        Map<Form, List<Integer>> groups = new LinkedHashMap<>();
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] = ModelPrompt.of(prompts.get(i), width, height, normalized, model.config());
            Form form = new Form(scaled[i].labels().length, scaled[i].mask() != null);
            groups.computeIfAbsent(form, key -> new ArrayList<>()).add(i);
        }
        Prediction[] results = new Prediction[scaled.length];
        groups.forEach((form, group) -> {
            for (int from = 0; from < group.size(); from += form.batch()) {
                List<Integer> batch = group.subList(from, Math.min(from + form.batch(), group.size()));
                List<ModelPrompt> members = batch.stream().map(i -> scaled[i]).toList();
                List<Prediction> decoded = decodeBatch(embedding, members, options);
                for (int i = 0; i < decoded.size(); i++) {
                    results[batch.get(i)] = decoded.get(i);
                }
            }
        });
        return Arrays.asList(results);
    }

    private List<Prediction> decodeBatch(EncodedPicture embedding, List<ModelPrompt> prompts, PredictOptions options) {
        List<Prediction> predictions = new ArrayList<>();
        try (Workspace.Frame frame = ops.frame()) {
            DecodedMasks decoded = forward(embedding, prompts, options.multimask() ? FIRST_ALTERNATIVE : 0);
            Pending<float[]> iou = ops.toHostLater(decoded.iou());
            List<List<Supplier<PredictedMask>>> begun = new ArrayList<>();
            for (int prompt = 0; prompt < prompts.size(); prompt++) {
                begun.add(begin(decoded, iou, prompt, embedding, options));
            }
            for (List<Supplier<PredictedMask>> one : begun) {
                predictions.add(new Prediction(one.stream().map(Supplier::get).toList()));
            }
        }
        return predictions;
    }

    /** Decodes prompts of one form, the masks from {@code first} on or all. */
    private DecodedMasks forward(EncodedPicture embedding, List<ModelPrompt> prompts, int first) {
        Tensor sparse = sparse(prompts);
        if (prompts.get(0).mask() == null) {
            return image(embedding).decode(sparse, first);
        }
        ImageFeatures features = embedding.features();
        Tensor image = features.embedding();
        Tensor dense = masks(prompts);
        Tensor positions = model.promptEncoder().gridPositions();
        MaskDecoder.Output output = model.maskDecoder()
                .forward(ops, image, features.highRes0(), features.highRes1(), sparse, dense, positions);
        return new DecodedMasks(output.masks(), 0, output.iou());
    }

    /** The picture that prompts without masks are about. */
    private PromptedImage image(EncodedPicture embedding) {
        if (embedding != prompted) {
            close();
            ImageFeatures features = embedding.features();
            image = new PromptedImage(
                    model.maskDecoder(),
                    ops,
                    features.embedding(),
                    features.highRes0(),
                    features.highRes1(),
                    model.promptEncoder().noMask(),
                    model.promptEncoder().gridPositions());
            prompted = embedding;
        }
        return image;
    }

    /** The embedded points of prompts that have as many each, or null if that is none. */
    private Tensor sparse(List<ModelPrompt> prompts) {
        int points = prompts.get(0).labels().length;
        if (points == 0) {
            return null;
        }
        float[] coordinates = new float[prompts.size() * points * 2];
        int[] labels = new int[prompts.size() * points];
        for (int i = 0; i < prompts.size(); i++) {
            System.arraycopy(prompts.get(i).coordinates(), 0, coordinates, i * points * 2, points * 2);
            System.arraycopy(prompts.get(i).labels(), 0, labels, i * points, points);
        }
        return model.promptEncoder().points(ops, coordinates, labels, prompts.size());
    }

    /** The embedded masks of prompts that all have one. */
    private Tensor masks(List<ModelPrompt> prompts) {
        float[] logits = new float[prompts.size() * lowRes * lowRes];
        for (int i = 0; i < prompts.size(); i++) {
            prompts.get(i).mask().copyTo(logits, i * lowRes * lowRes);
        }
        return model.promptEncoder().mask(ops, ops.tensor(logits, prompts.size(), lowRes, lowRes, 1));
    }

    /** Begins the wanted masks of one prompt. */
    private List<Supplier<PredictedMask>> begin(
            DecodedMasks decoded, Pending<float[]> iou, int prompt, EncodedPicture embedding, PredictOptions options) {
        List<Supplier<PredictedMask>> begun = new ArrayList<>();
        int first = prompt * MaskDecoder.MASKS;
        if (options.multimask()) {
            for (int m = FIRST_ALTERNATIVE; m < MaskDecoder.MASKS; m++) {
                int at = first + m;
                begun.add(begin(decoded.mask(prompt, m), () -> iou.get()[at], embedding, options));
            }
        } else {
            float[] own = Arrays.copyOfRange(iou.get(), first, first + MaskDecoder.MASKS);
            int m = selector.single(ops.toHost(decoded.mask(prompt, 0)), own);
            begun.add(begin(decoded.mask(prompt, m), () -> own[m], embedding, options));
        }
        return begun;
    }

    /** Queues what makes a mask, so that the device works on all of them while the host finishes the first. */
    private Supplier<PredictedMask> begin(
            Tensor row, Supplier<Float> score, EncodedPicture embedding, PredictOptions options) {
        int width = embedding.width();
        int height = embedding.height();
        Pending<float[]> raw = ops.toHostLater(row);
        Tensor logits = row.reshape(1, lowRes, lowRes, 1);
        if (options.maxHoleArea() > 0 || options.maxSprinkleArea() > 0) {
            int holes = options.maxHoleArea();
            int sprinkles = options.maxSprinkleArea();
            float[] corrected =
                    SmallRegions.correct(raw.get(), lowRes, lowRes, options.maskThreshold(), holes, sprinkles);
            logits = ops.tensor(corrected, 1, lowRes, lowRes, 1);
        }
        Pending<MaskBits> bits =
                ops.thresholdMask(logits.reshape(lowRes, lowRes), height, width, options.maskThreshold());
        Pending<float[]> full = Pending.of(null);
        if (options.fullLogits()) {
            try (Workspace.Frame frame = ops.frame()) {
                full = ops.toHostLater(ops.interpolate(logits, Interpolation.BILINEAR, height, width));
            }
        }
        Pending<float[]> enlarged = full;
        return () -> {
            float[] lowResLogits = FiniteOutputs.require(model, "the logits of a mask", raw.get());
            float quality = FiniteOutputs.require(model, "the predicted quality of a mask", score.get())[0];
            return new PredictedMask(
                    Mask.owning(width, height, bits.get().bits()),
                    quality,
                    LowResMask.owning(lowResLogits, lowRes),
                    enlarged.get());
        };
    }

    /** Frees what prompts share. */
    @Override
    public void close() {
        if (image != null) {
            image.close();
        }
        image = null;
        prompted = null;
    }
}
