package dev.sam2j.memory;

import dev.sam2j.configs.Sam2Config;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * Chooses what an object remembers on a frame: all (or the nearest) frames it was prompted on, a few recent frames, and
 * pointers of both.
 */
public final class MemorySelector {
    private static final int NO_LIMIT = -1;

    private final int maps;
    private final int stride;
    private final int maxConditioning;
    private final int maxPointers;
    private final boolean pastPointersOnly;
    private final boolean signedDistances;

    /** A selector with the settings of a model. */
    public MemorySelector(Sam2Config config) {
        this.maps = config.numMaskmem();
        this.stride = config.memoryTemporalStrideForEval();
        this.maxConditioning = config.maxCondFramesInAttn();
        this.maxPointers = config.maxObjPtrsInEncoder();
        this.pastPointersOnly = config.onlyObjPtrsInThePastForEval();
        this.signedDistances = config.useSignedTposEncToObjPtrs();
    }

    /**
     * A remembered feature map.
     *
     * @param frame its frame
     * @param conditioning whether the object was prompted there
     * @param temporalRow row of the temporal encodings
     */
    public record RememberedMap(int frame, boolean conditioning, int temporalRow) {}

    /**
     * A remembered object pointer.
     *
     * @param frame its frame
     * @param conditioning whether the object was prompted there
     * @param distance frames to the current one
     */
    public record RememberedPointer(int frame, boolean conditioning, int distance) {}

    /**
     * What is remembered on a frame.
     *
     * @param maps feature maps in the order of their tokens
     * @param pointers object pointers in the order of their tokens
     * @param pointerLimit number that distances of pointers are normalised by
     */
    public record Selection(List<RememberedMap> maps, List<RememberedPointer> pointers, int pointerLimit) {}

    /**
     * Selects memories for a frame.
     *
     * @param frame the current frame
     * @param reverse whether frames are tracked backwards
     * @param frames number of frames of the video, {@link Integer#MAX_VALUE} if it has no end
     * @param conditioning frames the object was prompted on, in the order of prompting
     * @param tracked whether the object has a memory of a frame it was merely tracked on
     */
    public Selection select(
            int frame, boolean reverse, int frames, Collection<Integer> conditioning, IntPredicate tracked) {
        List<Integer> selected = nearest(frame, conditioning);
        IntPredicate unselected = f -> conditioning.contains(f) && !selected.contains(f);
        // One pointer would divide distances by zero; a video of one frame has no distances.
        int limit = Math.max(2, Math.min(frames, maxPointers));
        return new Selection(
                maps(frame, reverse, selected, tracked, unselected),
                pointers(frame, reverse, frames, limit, selected, tracked, unselected),
                limit);
    }

    private List<RememberedMap> maps(
            int frame, boolean reverse, List<Integer> selected, IntPredicate tracked, IntPredicate unselected) {
        List<RememberedMap> chosen = new ArrayList<>();
        for (int conditioningFrame : selected) {
            chosen.add(new RememberedMap(conditioningFrame, true, maps - 1));
        }
        for (int distance = maps - 1; distance >= 1; distance--) {
            int past = recent(frame, distance, reverse);
            if (tracked.test(past)) {
                chosen.add(new RememberedMap(past, false, distance - 1));
            } else if (unselected.test(past)) {
                chosen.add(new RememberedMap(past, true, distance - 1));
            }
        }
        return chosen;
    }

    /** The frame before (or after) the current one, and beyond that every {@code stride}-th. */
    private int recent(int frame, int distance, boolean reverse) {
        if (distance == 1) {
            return reverse ? frame + 1 : frame - 1;
        }
        return reverse
                ? -Math.floorDiv(-(frame + 2), stride) * stride + (distance - 2) * stride
                : Math.floorDiv(frame - 2, stride) * stride - (distance - 2) * stride;
    }

    private List<RememberedPointer> pointers(
            int frame,
            boolean reverse,
            int frames,
            int limit,
            List<Integer> selected,
            IntPredicate tracked,
            IntPredicate unselected) {
        List<RememberedPointer> chosen = new ArrayList<>();
        for (int conditioningFrame : selected) {
            int distance = reverse ? conditioningFrame - frame : frame - conditioningFrame;
            if (distance >= 0 || !pastPointersOnly) {
                chosen.add(new RememberedPointer(
                        conditioningFrame, true, signedDistances ? distance : Math.abs(distance)));
            }
        }
        for (int distance = 1; distance < limit; distance++) {
            int past = reverse ? frame + distance : frame - distance;
            if (past < 0 || past >= frames) {
                break;
            }
            if (tracked.test(past)) {
                chosen.add(new RememberedPointer(past, false, distance));
            } else if (unselected.test(past)) {
                chosen.add(new RememberedPointer(past, true, distance));
            }
        }
        return chosen;
    }

    /** The conditioning frames to attend to: the last before, the first after, then the nearest of the rest. */
    private List<Integer> nearest(int frame, Collection<Integer> conditioning) {
        if (maxConditioning == NO_LIMIT || conditioning.size() <= maxConditioning) {
            return List.copyOf(conditioning);
        }
        List<Integer> chosen = new ArrayList<>();
        conditioning.stream()
                .filter(f -> f < frame)
                .max(Comparator.naturalOrder())
                .ifPresent(chosen::add);
        conditioning.stream()
                .filter(f -> f >= frame)
                .min(Comparator.naturalOrder())
                .ifPresent(chosen::add);
        conditioning.stream()
                .filter(f -> !chosen.contains(f))
                .sorted(Comparator.comparingInt(f -> Math.abs(f - frame)))
                .limit(Math.max(0, maxConditioning - chosen.size()))
                .toList()
                .forEach(chosen::add);
        return chosen;
    }
}
