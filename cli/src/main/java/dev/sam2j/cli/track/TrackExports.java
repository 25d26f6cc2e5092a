package dev.sam2j.cli.track;

import dev.sam2j.cli.files.MaskClasses;
import dev.sam2j.cli.files.MaskFormat;
import dev.sam2j.common.io.AtomicFiles;
import dev.sam2j.predictors.mask.CocoRle;
import dev.sam2j.predictors.mask.MaskRecord;
import dev.sam2j.predictors.mask.coco.CocoMerge;
import dev.sam2j.predictors.mask.coco.CocoWriter;
import dev.sam2j.predictors.video.FrameSource;
import dev.sam2j.predictors.video.TrackedObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.ToIntFunction;

/**
 * Masks of frames in the formats of other programs: a file for each frame, written as it comes and again if it changes.
 * Those of COCO are joined at the end to one data set with an image for each frame.
 */
final class TrackExports {
    private final TrackFolder folder;
    private final FrameSource source;
    private final TrackObjects names;
    private final Set<MaskFormat> formats;
    private final TreeMap<Integer, Path> cocoParts = new TreeMap<>();

    /**
     * Nothing written yet.
     *
     * @param formats of which {@link MaskFormat#PNG} is written elsewhere
     */
    TrackExports(TrackFolder folder, FrameSource source, TrackObjects names, Set<MaskFormat> formats) {
        this.folder = folder;
        this.source = source;
        this.names = names;
        this.formats = formats;
    }

    /**
     * Writes a frame.
     *
     * @param pixel the number of an object from 1, in the order of first mention
     */
    void write(int frame, List<TrackedObject> objects, ToIntFunction<TrackedObject> pixel) throws IOException {
        CocoWriter.Image image = new CocoWriter.Image(1, source.fileName(frame), source.width(), source.height());
        for (MaskFormat format : formats) {
            if (format.file() == null) {
                continue;
            }
            boolean yolo = format == MaskFormat.YOLO || format == MaskFormat.YOLO_SEG;
            List<MaskRecord> records = new ArrayList<>();
            for (TrackedObject object : objects) {
                records.add(record(object, yolo ? pixel.applyAsInt(object) - 1 : 1));
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

    /** Joins what is left in pieces. */
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
}
