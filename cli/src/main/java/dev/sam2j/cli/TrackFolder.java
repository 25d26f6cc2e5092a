package dev.sam2j.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sam2j.predictors.mask.LabelMap;
import dev.sam2j.predictors.mask.Mask;
import dev.sam2j.predictors.mask.MaskPng;
import dev.sam2j.weights.io.AtomicFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The folder of one tracking. Every file appears complete, frame by frame, so that what has been tracked stays if the
 * rest fails. A folder that an earlier tracking filled, which {@value #TRACKS} shows, is emptied of its files first.
 */
final class TrackFolder {
    static final String TRACKS = "tracks.json";
    static final String MASKS = "masks";
    static final String OVERLAY = "overlay";
    static final String VIDEO = "overlay.mp4";

    private static final Pattern LOGITS = Pattern.compile("step\\d{3,}\\.safetensors");

    private final Path folder;

    private TrackFolder(Path folder) {
        this.folder = folder;
    }

    /**
     * Checks that a folder can be made or taken over; changes nothing.
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
        ResultFolder.requireWritable(target, folder);
        TrackFolder checked = new TrackFolder(target);
        if (checked.isUsed() && !Files.exists(target.resolve(TRACKS))) {
            throw new IOException("output folder " + folder + " has masks or overlays already, but not of a tracking; "
                    + "choose another");
        }
        return checked;
    }

    private boolean isUsed() {
        return Files.exists(folder.resolve(MASKS)) || Files.exists(folder.resolve(OVERLAY));
    }

    /** Makes the folder, or removes the files of an earlier tracking from it. */
    void make() throws IOException {
        AtomicFiles.createFolder(folder);
        if (isUsed()) {
            removeEarlier();
        }
        Files.createDirectories(folder.resolve(MASKS));
    }

    private void removeEarlier() throws IOException {
        removePictures(folder.resolve(OVERLAY));
        for (Path entry : list(folder.resolve(MASKS))) {
            if (Files.isDirectory(entry)
                    && ObjectName.FOLDER.matcher(entry.getFileName().toString()).matches()) {
                removePictures(entry);
            }
        }
        removePictures(folder.resolve(MASKS));
        for (Path entry : list(folder)) {
            if (LOGITS.matcher(entry.getFileName().toString()).matches()) {
                Files.delete(entry);
            }
        }
        Files.deleteIfExists(folder.resolve(VIDEO));
    }

    private static void removePictures(Path place) throws IOException {
        for (Path entry : list(place)) {
            if (entry.toString().endsWith(".png") && Files.isRegularFile(entry)) {
                Files.delete(entry);
            }
        }
        if (Files.isDirectory(place) && list(place).isEmpty()) {
            Files.delete(place);
        }
    }

    private static List<Path> list(Path place) throws IOException {
        if (!Files.isDirectory(place)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(place)) {
            return new ArrayList<>(entries.toList());
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
}
