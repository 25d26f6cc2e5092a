package dev.sam2j.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sam2j.predictors.mask.LabelMap;
import dev.sam2j.predictors.mask.Mask;
import dev.sam2j.predictors.video.FrameResult;
import dev.sam2j.predictors.video.FrameSource;
import dev.sam2j.predictors.video.TrackedObject;
import dev.sam2j.weights.Safetensors;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Writes results of frames as they come, and keeps the figures of the latest result of each frame. */
final class TrackResults {
    private final TrackFolder folder;
    private final FrameSource source;
    private final boolean perObject;
    private final boolean logits;
    private final Map<Integer, Integer> pixels = new LinkedHashMap<>();
    private final TreeMap<Integer, ArrayNode> frames = new TreeMap<>();
    private int returned;

    /**
     * Nothing written yet.
     *
     * @param perObject whether to write a mask for each object too
     * @param logits whether to write the logits of every returned frame
     */
    TrackResults(TrackFolder folder, FrameSource source, boolean perObject, boolean logits) {
        this.folder = folder;
        this.source = source;
        this.perObject = perObject;
        this.logits = logits;
    }

    /** The pixel value of an object: 1 for the object mentioned first, and so on. */
    int pixel(int object) {
        return pixels.computeIfAbsent(object, id -> pixels.size() + 1);
    }

    /** Writes a frame that a step returned. */
    void add(FrameResult result) throws IOException {
        if (logits) {
            writeLogits(result);
        }
        returned++;
        update(result);
    }

    /** Writes a frame again that has changed because an object was removed. */
    void update(FrameResult result) throws IOException {
        List<Mask> masks = new ArrayList<>();
        List<Integer> values = new ArrayList<>();
        ArrayNode objects = JsonNodeFactory.instance.arrayNode();
        String name = source.name(result.frame());
        // Ascending values, so that the object mentioned first wins where masks overlap.
        List<TrackedObject> ordered = new ArrayList<>(result.objects());
        ordered.forEach(object -> pixel(object.id()));
        ordered.sort(java.util.Comparator.comparingInt(object -> pixel(object.id())));
        for (TrackedObject object : ordered) {
            masks.add(object.mask());
            values.add(pixel(object.id()));
            describe(objects.addObject(), object);
            if (perObject) {
                folder.writeObject(name, object.id(), object.mask());
            }
        }
        int[] labels = values.stream().mapToInt(Integer::intValue).toArray();
        folder.writeLabels(name, LabelMap.ofMasks(source.width(), source.height(), masks, labels));
        frames.put(result.frame(), objects);
    }

    private static void describe(ObjectNode node, TrackedObject object) {
        node.put("object", object.id());
        node.put("area", object.mask().area());
        ArrayNode box = node.putArray("bbox");
        for (int value : object.mask().boundingBox().toXywh()) {
            box.add(value);
        }
        node.put("presence", object.presence());
        node.put("iou", object.iou());
    }

    private void writeLogits(FrameResult result) throws IOException {
        int cells = source.width() * source.height();
        int count = result.objects().size();
        if ((long) count * cells > Integer.MAX_VALUE - 8) {
            throw CliException.failure("--logits: " + count + " objects of this size are too many for one file");
        }
        float[] all = new float[count * cells];
        for (int i = 0; i < count; i++) {
            System.arraycopy(result.logits().get(i), 0, all, i * cells, cells);
        }
        List<String> ids = result.objects().stream()
                .map(object -> Integer.toString(object.id()))
                .toList();
        Safetensors.write(
                folder.file(String.format(Locale.ROOT, "step%03d.safetensors", returned)),
                Map.of("logits", Safetensors.Entry.of(all, count, source.height(), source.width())),
                Map.of("frame", Integer.toString(result.frame()), "objects", String.join(",", ids)));
    }

    /** Frames that have a result. */
    TreeMap<Integer, ArrayNode> frames() {
        return frames;
    }

    /** What was found, for {@value TrackFolder#TRACKS}. */
    void describe(ObjectNode report) {
        ArrayNode objects = report.putArray("objects");
        pixels.forEach((id, pixel) -> objects.addObject().put("object", id).put("pixel", pixel));
        ArrayNode list = report.putArray("tracks");
        frames.forEach((frame, found) -> {
            ObjectNode node = list.addObject();
            node.put("frame", frame);
            node.put("mask", TrackFolder.MASKS + "/" + source.name(frame) + ".png");
            node.set("objects", found);
        });
    }
}
