package dev.sam2j.cli.track;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sam2j.cli.files.MaskClasses;
import dev.sam2j.cli.files.MaskFormat;
import dev.sam2j.cli.terminal.CliException;
import dev.sam2j.common.io.AtomicFiles;
import dev.sam2j.predictors.mask.CocoRle;
import dev.sam2j.predictors.mask.LabelMap;
import dev.sam2j.predictors.mask.Mask;
import dev.sam2j.predictors.mask.MaskRecord;
import dev.sam2j.predictors.mask.coco.CocoMerge;
import dev.sam2j.predictors.mask.coco.CocoWriter;
import dev.sam2j.predictors.video.FrameResult;
import dev.sam2j.predictors.video.FrameSource;
import dev.sam2j.predictors.video.TrackedObject;
import dev.sam2j.predictors.video.VideoSession;
import dev.sam2j.weights.safetensors.Safetensors;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.IntToDoubleFunction;
import java.util.stream.Collectors;

/**
 * Writes results of frames as they come, in the formats of other programs too, and keeps the figures of the latest
 * result of each frame. Objects are called by the numbers they have in the session.
 */
final class TrackResults {
    private final TrackFolder folder;
    private final FrameSource source;
    private final TrackObjects names;
    private final Set<MaskFormat> formats;
    private final boolean perObject;
    private final boolean logits;
    private final Map<Long, Integer> pixels = new LinkedHashMap<>();
    private final TreeMap<Integer, ArrayNode> frames = new TreeMap<>();
    /** Data sets of one frame each. */
    private final TreeMap<Integer, Path> cocoParts = new TreeMap<>();
    /** The objects of each frame since the session began or was reset. */
    private final Map<Integer, Set<Long>> current = new TreeMap<>();

    private final Set<Long> removed = new HashSet<>();
    private int returned;

    /**
     * Nothing written yet.
     *
     * @param formats of other programs to write too
     * @param perObject whether to write a mask for each object too
     * @param logits whether to write the logits of every returned frame
     */
    TrackResults(
            TrackFolder folder,
            FrameSource source,
            TrackObjects names,
            Set<MaskFormat> formats,
            boolean perObject,
            boolean logits) {
        this.formats = formats;
        this.names = names;
        this.folder = folder;
        this.source = source;
        this.perObject = perObject;
        this.logits = logits;
    }

    /** The pixel value of an object: 1 for the object mentioned first, and so on. */
    int pixel(long object) {
        removed.remove(object);
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

    /**
     * Writes all frames again on which an object was that has been removed from the session. Pixels it had covered show
     * the objects behind it.
     */
    void remove(long object, VideoSession session) throws IOException {
        for (int frame : List.copyOf(current.keySet())) {
            if (current.get(frame).contains(object)) {
                folder.removeObject(source.name(frame), names.name(object));
                update(session.result(frame));
            }
        }
        JsonNode name = names.name(object).toJson();
        boolean gone = frames.values().stream()
                .flatMap(ArrayNode::valueStream)
                .noneMatch(found -> found.get("object").equals(name));
        if (gone) { // it may still be on frames from before a reset
            removed.add(object);
        }
    }

    /** Begins anew: what was written so far stays, whatever is removed from now on. */
    void reset() {
        current.clear();
    }

    private void update(FrameResult result) throws IOException {
        ArrayNode objects = JsonNodeFactory.instance.arrayNode();
        String name = source.name(result.frame());
        // Ascending values, so that the object mentioned first wins where masks overlap.
        List<TrackedObject> ordered = new ArrayList<>(result.objects());
        ordered.forEach(object -> pixel(object.id()));
        ordered.sort(Comparator.comparingInt(object -> pixel(object.id())));
        for (TrackedObject object : ordered) {
            describe(objects.addObject(), object);
            if (perObject) {
                folder.writeObject(name, names.name(object.id()), object.mask());
            }
        }
        List<Mask> masks = ordered.stream().map(TrackedObject::mask).toList();
        int[] labels = ordered.stream().mapToInt(object -> pixel(object.id())).toArray();
        folder.writeLabels(name, LabelMap.ofMasks(source.width(), source.height(), masks, labels));
        export(result.frame(), ordered);
        frames.put(result.frame(), objects);
        current.put(result.frame(), ordered.stream().map(TrackedObject::id).collect(Collectors.toSet()));
    }

    /** Writes a frame in the formats of other programs, again if it changes. */
    private void export(int frame, List<TrackedObject> objects) throws IOException {
        CocoWriter.Image image = new CocoWriter.Image(1, source.fileName(frame), source.width(), source.height());
        for (MaskFormat format : formats) {
            if (format.file() == null) {
                continue;
            }
            boolean yolo = format == MaskFormat.YOLO || format == MaskFormat.YOLO_SEG;
            List<MaskRecord> records = new ArrayList<>();
            for (TrackedObject object : objects) {
                records.add(record(object, yolo ? pixel(object.id()) - 1 : 1));
            }
            Path file = folder.file(format.folder())
                    .resolve(source.name(frame)
                            + format.file().substring(format.file().lastIndexOf('.')));
            AtomicFiles.createFolder(file.getParent());
            format.write(file, image, records, MaskClasses.NONE);
            if (format == MaskFormat.COCO) {
                cocoParts.put(frame, file);
            }
        }
    }

    private MaskRecord record(TrackedObject object, long category) {
        ObjectName name = names.name(object.id());
        Map<String, Object> properties = new LinkedHashMap<>();
        properties.put("track_id", name.number() == null ? name.text() : name.number());
        properties.put("score", object.iou());
        properties.put("presence", object.presence());
        return new MaskRecord(CocoRle.of(object.mask()), category, properties);
    }

    /** Joins the data sets of the frames to one with an image for each. */
    void finish() throws IOException {
        if (cocoParts.isEmpty()) {
            return;
        }
        List<CocoMerge.Part> parts = new ArrayList<>();
        cocoParts.forEach((frame, file) -> parts.add(new CocoMerge.Part(file, source.fileName(frame))));
        CocoMerge.write(folder.file(MaskFormat.COCO.file()), parts);
        for (Path part : cocoParts.values()) {
            Files.delete(part);
        }
        Files.deleteIfExists(folder.file(MaskFormat.COCO.folder()));
    }

    private void describe(ObjectNode node, TrackedObject object) {
        node.set("object", names.name(object.id()).toJson());
        node.put("area", object.mask().area());
        node.putPOJO("bbox", object.mask().boundingBox().toXywh());
        node.put("presence", object.presence());
        node.put("iou", object.iou());
    }

    private void writeLogits(FrameResult result) throws IOException {
        int cells = source.width() * source.height();
        int count = result.objects().size();
        if ((long) count * cells > Integer.MAX_VALUE - 8) {
            throw CliException.failure("--logits: " + count + " objects of this size are too many for one file");
        }
        FloatBuffer all = FloatBuffer.allocate(count * cells);
        result.logits().forEach(all::put);
        List<String> ids = result.objects().stream()
                .map(object -> names.name(object.id()).toString())
                .toList();
        Safetensors.write(
                folder.file(String.format(Locale.ROOT, "step%03d.safetensors", returned)),
                Map.of("logits", Safetensors.Entry.of(all.array(), count, source.height(), source.width())),
                Map.of("frame", Integer.toString(result.frame()), "objects", String.join(",", ids)));
    }

    /** Frames that have a result. */
    TreeMap<Integer, ArrayNode> frames() {
        return frames;
    }

    /**
     * What was found, for {@value TrackFolder#TRACKS}.
     *
     * @param time when a frame is shown in seconds, NaN if nothing tells
     */
    void describe(ObjectNode report, IntToDoubleFunction time) {
        ArrayNode objects = report.putArray("objects");
        pixels.forEach((id, pixel) -> {
            if (!removed.contains(id)) {
                ObjectNode object = objects.addObject();
                object.set("object", names.name(id).toJson());
                object.put("pixel", pixel);
            }
        });
        ArrayNode list = report.putArray("tracks");
        frames.forEach((frame, found) -> {
            ObjectNode node = list.addObject();
            node.put("frame", frame);
            double seconds = time.applyAsDouble(frame);
            if (Double.isFinite(seconds)) {
                node.put("time", Math.round(seconds * 1e6) / 1e6);
            }
            node.put("mask", TrackFolder.MASKS + "/" + source.name(frame) + ".png");
            node.set("objects", found);
        });
    }
}
