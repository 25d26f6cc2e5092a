package dev.sam2j.cli.vos;

import dev.sam2j.cli.files.MaskFile;
import dev.sam2j.cli.terminal.CliException;
import dev.sam2j.cli.terminal.ProgressLine;
import dev.sam2j.predictors.Sam2Model;
import dev.sam2j.predictors.mask.Mask;
import dev.sam2j.predictors.model.LoadedModel;
import dev.sam2j.predictors.video.FrameResult;
import dev.sam2j.predictors.video.PictureFrames;
import dev.sam2j.predictors.video.Propagation;
import dev.sam2j.predictors.video.TrackedObject;
import dev.sam2j.predictors.video.VideoOptions;
import dev.sam2j.predictors.video.VideoPredictor;
import dev.sam2j.predictors.video.VideoSession;
import dev.sam2j.predictors.video.tracking.EnlargedLogits;
import dev.sam2j.tensor.Ops;
import java.awt.image.IndexColorModel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** Semi-supervised segmentation of one video: masks of some frames in, masks of all frames out. */
final class VosVideo {
    private static final float ABSENT = -1024;

    private final Sam2Model model;
    private final Options options;
    private final PictureFrames frames;
    private final VosMasks given;
    private final VosMasks found;
    private final List<String> names;
    private final int width;
    private final int height;
    /** Which masks say what the objects are: of each object, by frame. */
    private final TreeMap<Integer, TreeMap<Integer, Mask>> objects = new TreeMap<>();

    private IndexColorModel palette;
    private ProgressLine progress;

    /**
     * How videos of a benchmark are segmented.
     *
     * @param perObject whether masks lie in a folder for each object and may overlap
     * @param allMasks whether all masks that are there say what the objects are, not only the first of each
     * @param lateObjects whether objects may appear after the first frame
     * @param video how they are tracked
     */
    record Options(boolean perObject, boolean allMasks, boolean lateObjects, VideoOptions video) {}

    /**
     * A video.
     *
     * @param frames its pictures
     * @param given its masks
     * @param found where masks are written
     */
    VosVideo(Sam2Model model, Options options, PictureFrames frames, VosMasks given, VosMasks found) {
        this.model = model;
        this.options = options;
        this.frames = frames;
        this.given = given;
        this.found = found;
        this.names = IntStream.range(0, frames.frames()).mapToObj(frames::name).toList();
        this.width = frames.width();
        this.height = frames.height();
    }

    /** Tracks all objects and writes their masks; returns the names of the frames. */
    List<String> run(ProgressLine line) throws IOException {
        progress = line;
        palette = given.palette(names);
        readInputs();
        Map<Integer, List<Integer>> passes = new TreeMap<>();
        objects.forEach((id, inputs) -> passes.computeIfAbsent(inputs.firstKey(), first -> new ArrayList<>())
                .add(id));
        if (passes.size() == 1 && passes.containsKey(0)) {
            pass(List.copyOf(objects.keySet()), 0, this::write);
        } else if (options.perObject()) {
            lateOneByOne(passes);
        } else {
            lateTogether(passes);
        }
        return names;
    }

    private void readInputs() throws IOException {
        int last = options.allMasks() || options.lateObjects() ? names.size() : 1;
        for (int frame = 0; frame < last; frame++) {
            for (Map.Entry<Integer, Mask> entry : given.read(names.get(frame)).entrySet()) {
                MaskFile.requireSize(entry.getValue(), "frame " + names.get(frame), width, height, "video");
                if (frame > 0 && !options.lateObjects() && !objects.containsKey(entry.getKey())) {
                    throw CliException.failure("object " + entry.getKey() + " appears on frame " + names.get(frame)
                            + ", after the first one; --late-objects allows that");
                }
                TreeMap<Integer, Mask> inputs = objects.computeIfAbsent(entry.getKey(), id -> new TreeMap<>());
                if (inputs.isEmpty() || options.allMasks()) {
                    inputs.put(frame, entry.getValue());
                }
            }
        }
        if (objects.isEmpty()) {
            throw CliException.failure(
                    last == 1
                            ? "there is no mask with objects for the first frame, " + names.get(0)
                                    + " (--late-objects takes later ones)"
                            : "there are no masks with objects for any frame");
        }
    }

    /** Takes the results of a frame. */
    private interface Sink {
        void take(FrameResult result) throws IOException;
    }

    private void pass(List<Integer> ids, int first, Sink sink) throws IOException {
        VideoOptions video = options.video().withNonOverlappingMasks(!options.perObject());
        try (VideoSession session = new VideoPredictor(model).open(frames, video)) {
            for (int id : ids) {
                for (Map.Entry<Integer, Mask> mask : objects.get(id).entrySet()) {
                    session.addMask(mask.getKey(), id, mask.getValue());
                }
            }
            Propagation propagation = session.propagate(Propagation.Range.from(first));
            for (int done = 1; propagation.hasNext(); done++) {
                sink.take(propagation.next());
                progress.update(done, propagation.total());
            }
        }
    }

    private void write(FrameResult result) throws IOException {
        Map<Integer, Mask> masks = new LinkedHashMap<>();
        for (TrackedObject object : result.objects()) {
            masks.put((int) object.id(), object.mask());
        }
        found.write(names.get(result.frame()), masks, width, height, palette);
    }

    /** Objects that may overlap need not wait for each other; before it appears an object has empty masks. */
    private void lateOneByOne(Map<Integer, List<Integer>> passes) throws IOException {
        for (Map.Entry<Integer, List<Integer>> pass : passes.entrySet()) {
            for (int frame = 0; frame < pass.getKey(); frame++) {
                Map<Integer, Mask> empty = new LinkedHashMap<>();
                pass.getValue().forEach(id -> empty.put(id, Mask.empty(width, height)));
                found.write(names.get(frame), empty, width, height, palette);
            }
            pass(pass.getValue(), pass.getKey(), this::write);
        }
    }

    /** Objects compete for pixels, so their logits are kept until all have been tracked. */
    private void lateTogether(Map<Integer, List<Integer>> passes) throws IOException {
        List<Integer> ids = List.copyOf(objects.keySet());
        int side = model.config().lowResMaskSize();
        try (LogitStore store = new LogitStore(names.size(), side * side)) {
            for (Map.Entry<Integer, List<Integer>> pass : passes.entrySet()) {
                pass(pass.getValue(), pass.getKey(), result -> {
                    for (TrackedObject object : result.objects()) {
                        store.put(ids.indexOf((int) object.id()), result.frame(), object.lowRes());
                    }
                });
            }
            try (Ops ops = new Ops(LoadedModel.of(model).backend())) {
                for (int frame = 0; frame < names.size(); frame++) {
                    found.write(names.get(frame), compete(ops, store, ids, frame), width, height, palette);
                }
            }
        }
    }

    private Map<Integer, Mask> compete(Ops ops, LogitStore store, List<Integer> ids, int frame) throws IOException {
        List<float[]> logits = new ArrayList<>();
        for (int i = 0; i < ids.size(); i++) {
            float[] low = store.get(i, frame);
            logits.add(
                    low == null
                            ? absent()
                            : EnlargedLogits.of(ops, low, model.config().lowResMaskSize(), width, height));
        }
        EnlargedLogits.separate(logits);
        Map<Integer, Mask> masks = new LinkedHashMap<>();
        for (int i = 0; i < ids.size(); i++) {
            masks.put(
                    ids.get(i),
                    Mask.ofLogits(width, height, logits.get(i), options.video().maskThreshold()));
        }
        return masks;
    }

    private float[] absent() {
        float[] logits = new float[width * height];
        Arrays.fill(logits, ABSENT);
        return logits;
    }
}
