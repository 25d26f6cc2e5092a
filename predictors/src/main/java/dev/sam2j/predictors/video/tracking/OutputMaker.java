package dev.sam2j.predictors.video.tracking;

import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Pending;
import dev.sam2j.tensor.Section;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.fused.FillHoles;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Turns what was found of objects into the records that are kept of them. */
final class OutputMaker {
    /** Logit of a filled hole. */
    private static final float HOLE_LOGIT = 0.1f;

    private final Ops ops;
    private final FrameArchive archive;
    private final int fillHoleArea;

    OutputMaker(Ops ops, FrameArchive archive, int fillHoleArea) {
        this.ops = ops;
        this.archive = archive;
        this.fillHoleArea = fillHoleArea;
    }

    /**
     * Records in the making: the values are on their way to the host.
     *
     * @param masks logits with holes filled, float32 (B, S, S), in the current workspace frame
     * @param entries the archive's entries of B objects, without memories
     */
    record Making(
            Tensor masks,
            List<FrameArchive.Entry> entries,
            Pending<float[]> pointers,
            Pending<float[]> objectScores,
            Pending<float[]> ious) {
        /** The records. */
        List<FrameOutput> finish() {
            float[] all = pointers.get();
            int length = all.length / entries.size();
            List<FrameOutput> outputs = new ArrayList<>();
            for (int i = 0; i < entries.size(); i++) {
                float[] pointer = Arrays.copyOfRange(all, i * length, (i + 1) * length);
                outputs.add(
                        new FrameOutput(entries.get(i), pointer, objectScores.get()[i], ious.get()[i]));
            }
            return outputs;
        }

        /** Gives the entries back. */
        void abandon() {
            entries.forEach(FrameArchive.Entry::release);
        }
    }

    /** Begins the records of what was found. */
    Making begin(FrameTracker.Found found) {
        Tensor masks = filled(found.masks());
        Pending<float[]> pointers = ops.toHostLater(found.pointers());
        List<Pending<float[]>> values = new ArrayList<>();
        for (int i = 0; i < masks.dim(0); i++) {
            values.add(ops.toHostLater(masks.slice(i, i + 1)));
        }
        return new Making(
                masks,
                values.stream().map(archive::add).toList(),
                pointers,
                ops.toHostLater(found.objectScores()),
                ops.toHostLater(found.ious()));
    }

    /** A copy: memories of tracked frames are made from the masks as predicted. */
    private Tensor filled(Tensor masks) {
        if (fillHoleArea == 0) {
            return masks;
        }
        Tensor copy = ops.emptyF32(masks.shape().toArray());
        ops.capture(
                Section.of("filling holes", this),
                () -> {
                    ops.copy(masks, copy);
                    ops.run(new FillHoles(copy, fillHoleArea, HOLE_LOGIT));
                },
                masks,
                copy);
        return copy;
    }
}
