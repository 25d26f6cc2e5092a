package dev.sam2j.cli.track;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sam2j.cli.files.Json;
import dev.sam2j.cli.files.ResultFolder;
import dev.sam2j.cli.terminal.CliException;
import dev.sam2j.common.io.AtomicFiles;
import dev.sam2j.common.io.StagedFiles;
import dev.sam2j.predictors.mask.LabelMap;
import dev.sam2j.predictors.mask.Mask;
import dev.sam2j.predictors.mask.MaskPng;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The folder of one tracking. Every file appears complete, frame by frame, so that what has been tracked stays if the
 * rest fails. An earlier tracking, which {@value #TRACKS} shows, stays until the new one is complete, whose files are
 * hidden until then; if it is stopped they go to the folder {@value #PARTIAL}.
 */
final class TrackFolder implements AutoCloseable {
    static final String TRACKS = "tracks.json";
    static final String MASKS = "masks";
    static final String OVERLAY = "overlay";
    static final String VIDEO = "overlay.mp4";

    private static final String PARTIAL = "partial";
    private static final Pattern OWN = Pattern.compile(
            "tracks\\.json|overlay\\.mp4|step\\d{3,}\\.safetensors|overlay/[^/]+\\.png|masks/([^/]+/)?[^/]+\\.png"
                    + "|coco\\.json|(coco|rle)/[^/]+\\.json|polygons/[^/]+\\.geojson|yolo(-seg)?/[^/]+\\.txt");

    private final Path target;
    private Path folder;
    private StagedFiles staged;

    private TrackFolder(Path target) {
        this.target = target;
        this.folder = target;
    }

    /**
     * Checks that a folder can be made or taken over, and finishes what a killed process had begun to put in place.
     *
     * @param source the frames, which must not lie where results go
     * @throws IOException if it cannot be written, or holds masks that are not of an earlier tracking
     */
    static TrackFolder check(Path folder, Path source) throws IOException {
        Path target = folder.toAbsolutePath().normalize();
        Path frames = source.toRealPath();
        for (String own : List.of(MASKS, OVERLAY, VIDEO)) {
            Path place = target.resolve(own);
            if (Files.exists(place) && frames.startsWith(place.toRealPath())) {
                throw new IOException("output folder " + folder + ": " + source
                        + " lies where results go; choose another output folder");
            }
        }
        ResultFolder.requireWritable(folder);
        if (Files.isDirectory(target)) {
            StagedFiles.recover(target);
            boolean used = Files.exists(target.resolve(MASKS)) || Files.exists(target.resolve(OVERLAY));
            if (used && !Files.exists(target.resolve(TRACKS))) {
                throw new IOException("output folder " + folder
                        + " has masks or overlays already, but not of a tracking; choose another");
            }
        }
        return new TrackFolder(target);
    }

    /** Makes the folder, or a hidden one in it if there is an earlier tracking. */
    void make() throws IOException {
        AtomicFiles.createFolder(target);
        if (Files.exists(target.resolve(TRACKS))) {
            removeLeftovers();
            staged = StagedFiles.into(target);
            folder = staged.folder();
        }
    }

    /** Of an earlier tracking that was killed while it wrote files in their places. */
    private void removeLeftovers() throws IOException {
        for (String name : List.of(MASKS, OVERLAY)) {
            if (Files.isDirectory(target.resolve(name))) {
                try (Stream<Path> folders = Files.walk(target.resolve(name), 1)) {
                    folders.filter(Files::isDirectory).forEach(StagedFiles::removeLeftovers);
                }
            }
        }
    }

    /**
     * Puts all files in the place of an earlier tracking's; those of one that was stopped go beside an earlier one that
     * was not.
     *
     * @return where they are, from the folder
     */
    Path commit(boolean complete) throws IOException {
        if (staged == null) {
            return Path.of("");
        }
        boolean aside = !complete && isComplete(target.resolve(TRACKS));
        if (aside) {
            Path partial = Files.createDirectory(folder.resolve(PARTIAL));
            for (Path entry : list(folder)) {
                if (!entry.equals(partial)) {
                    Files.move(entry, partial.resolve(entry.getFileName()));
                }
            }
        }
        List<String> replaced = new ArrayList<>(own(target.resolve(PARTIAL), PARTIAL + "/"));
        if (!aside) {
            replaced.addAll(own(target, ""));
        }
        staged.commit(replaced, aside ? PARTIAL + "/" + TRACKS : TRACKS);
        return Path.of(aside ? PARTIAL : "");
    }

    /** Whether a report is that of a tracking that reached its end; one that cannot be read is kept as if it was. */
    private static boolean isComplete(Path report) {
        try {
            return Json.read(report).path("complete").asBoolean(true);
        } catch (CliException e) {
            return true;
        }
    }

    /** The files that a tracking has written to a place. */
    private static List<String> own(Path place, String prefix) throws IOException {
        if (!Files.exists(place.resolve(TRACKS))) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(place, 3)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> place.relativize(file).toString().replace(File.separatorChar, '/'))
                    .filter(file -> OWN.matcher(file).matches())
                    .map(file -> prefix + file)
                    .toList();
        }
    }

    private static List<Path> list(Path place) throws IOException {
        try (Stream<Path> entries = Files.list(place)) {
            return entries.toList();
        }
    }

    /** Where a file lies. */
    Path file(String name) {
        return folder.resolve(name);
    }

    /** Where the label picture of a frame lies. */
    Path mask(String frame) {
        return folder.resolve(MASKS).resolve(frame + ".png");
    }

    /** Writes the label picture of a frame. */
    void writeLabels(String frame, LabelMap labels) throws IOException {
        Files.createDirectories(folder.resolve(MASKS));
        MaskPng.write(labels, mask(frame));
    }

    /** Writes the mask of one object on a frame. */
    void writeObject(String frame, ObjectName object, Mask mask) throws IOException {
        Path place = object(frame, object);
        Files.createDirectories(place.getParent());
        MaskPng.write(mask, place);
    }

    /** Removes the mask of one object on a frame, if there is one. */
    void removeObject(String frame, ObjectName object) throws IOException {
        Path place = object(frame, object);
        if (Files.deleteIfExists(place) && list(place.getParent()).isEmpty()) {
            Files.delete(place.getParent());
        }
    }

    private Path object(String frame, ObjectName object) {
        return folder.resolve(MASKS).resolve(object.folder()).resolve(frame + ".png");
    }

    /** Writes the report. */
    void writeTracks(JsonNode report) throws IOException {
        AtomicFiles.writeString(folder.resolve(TRACKS), Json.text(report) + "\n");
    }

    /** Removes what has not been committed. */
    @Override
    public void close() {
        if (staged != null) {
            staged.close();
        }
    }
}
