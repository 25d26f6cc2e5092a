package dev.sam2j.predictors.video.tracking;

import dev.sam2j.predictors.mask.Mask;
import dev.sam2j.predictors.model.FiniteOutputs;
import dev.sam2j.predictors.model.LoadedModel;
import dev.sam2j.predictors.video.FrameResult;
import dev.sam2j.predictors.video.TrackedObject;
import dev.sam2j.predictors.video.VideoOptions;
import dev.sam2j.tensor.MaskBits;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Pending;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.Workspace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Enlarges low-resolution masks to the video and makes results of them. */
final class ResultMaker {
    private final LoadedModel model;
    private final Ops ops;
    private final VideoOptions options;
    private final ObjectTracks tracks;
    private final int lowRes;
    private final int width;
    private final int height;

    ResultMaker(LoadedModel model, TrackingEngine.Tools tools) {
        this.model = model;
        this.ops = tools.ops();
        this.options = tools.options();
        this.tracks = tools.tracks();
        this.lowRes = tools.config().lowResMaskSize();
        this.width = tools.extent().width();
        this.height = tools.extent().height();
    }

    /** One object of a result before enlargement. */
    private record Part(long id, float[] mask, float presence, float iou, Pending<MaskBits> begun) {}

    /** Begins the mask of an object (1, S, S), or returns null if results are not made of single masks. */
    Pending<MaskBits> begin(Tensor mask) {
        return options.logits() || options.nonOverlappingMasks()
                ? null
                : ops.thresholdMask(mask.reshape(lowRes, lowRes), height, width, options.maskThreshold());
    }

    /**
     * All objects on a frame that has just been tracked.
     *
     * @param begun masks of {@link #begin} by object, where there are any
     */
    FrameResult tracked(int frame, Map<Long, Pending<MaskBits>> begun) {
        return make(frame, track -> part(track, track.committed().any(frame), begun.get(track.id())));
    }

    /** All objects on a frame, prompts since the last propagation included. */
    FrameResult current(int frame) {
        boolean conditioning = tracks.all().stream()
                .anyMatch(track -> track.pending().conditioning.containsKey(frame));
        return current(frame, conditioning);
    }

    /** All objects on a frame: pending outputs of one kind, else what was committed, else nothing. */
    FrameResult current(int frame, boolean conditioning) {
        return make(frame, track -> {
            FrameOutput output = track.pending().of(conditioning).get(frame);
            return part(track, output != null ? output : track.committed().any(frame), null);
        });
    }

    private Part part(ObjectTrack track, FrameOutput output, Pending<MaskBits> begun) {
        if (output == null) {
            float[] nothing = new float[lowRes * lowRes];
            Arrays.fill(nothing, FrameTracker.ABSENT_LOGIT);
            return new Part(track.id(), nothing, FrameTracker.ABSENT_LOGIT, 0, null);
        }
        float presence = FiniteOutputs.require(model, "the presence of an object", output.objectScore())[0];
        float iou = FiniteOutputs.require(model, "the predicted quality of a mask", output.iou())[0];
        float[] mask = FiniteOutputs.require(
                model, "the logits of a mask", output.entry().mask());
        return new Part(track.id(), mask, presence, iou, begun);
    }

    private FrameResult make(int frame, Function<ObjectTrack, Part> known) {
        List<Part> parts = tracks.all().stream().map(known).toList();
        boolean compete = options.nonOverlappingMasks() && parts.size() > 1;
        List<float[]> logits = options.logits() || compete ? enlarged(parts) : null;
        if (compete) {
            EnlargedLogits.separate(logits);
        }
        List<TrackedObject> objects = new ArrayList<>();
        for (int i = 0; i < parts.size(); i++) {
            Part part = parts.get(i);
            Mask mask = logits == null
                    ? threshold(part)
                    : Mask.ofLogits(width, height, logits.get(i), options.maskThreshold());
            objects.add(new TrackedObject(part.id(), mask, part.presence(), part.iou(), part.mask(), lowRes));
        }
        return new FrameResult(frame, objects, options.logits() ? logits : null);
    }

    private Mask threshold(Part part) {
        if (part.begun != null) {
            return Mask.owning(width, height, part.begun.get().bits());
        }
        try (Workspace.Frame frame = ops.frame()) {
            Tensor logits = ops.tensor(part.mask, lowRes, lowRes);
            MaskBits mask = ops.thresholdMask(logits, height, width, options.maskThreshold())
                    .get();
            return Mask.owning(width, height, mask.bits());
        }
    }

    private List<float[]> enlarged(List<Part> parts) {
        return parts.stream()
                .map(part -> EnlargedLogits.of(ops, part.mask(), lowRes, width, height))
                .toList();
    }
}
