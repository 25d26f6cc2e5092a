package dev.sam2j.cli.files;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sam2j.cli.terminal.CliException;
import dev.sam2j.common.io.StagedFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The folder of one run's results, which appear all together. Files that the {@value #RESULT} of an earlier run lists,
 * and this run has not, are removed with the rest of that; without {@link #commit()} nothing changes.
 */
public final class ResultFolder implements AutoCloseable {
    /** The file that lists the others; where it is, all are there. */
    public static final String RESULT = "result.json";

    /** Logits of all masks. */
    public static final String LOGITS = "logits.safetensors";

    private static final Pattern OWN =
            Pattern.compile("mask_\\d{1,9}\\.png|overlay\\.png|cutout\\.png|result\\.json|logits\\.safetensors"
                    + "|coco\\.json|rle\\.json|polygons\\.geojson|yolo\\.txt|yolo-seg\\.txt");

    private final Path target;
    private StagedFiles staged;
    private boolean ended;

    private ResultFolder(Path target) {
        this.target = target;
    }

    /**
     * Checks that a folder can be written or made; makes nothing.
     *
     * @throws IOException if it is clear already that it cannot, in one sentence
     */
    public static ResultFolder open(Path folder, Path picture) throws IOException {
        Path target = folder.toAbsolutePath().normalize();
        requireWritable(folder);
        Path name = picture.getFileName(); // none of the root folder
        if (name != null
                && OWN.matcher(name.toString()).matches()
                && Files.exists(target.resolve(name))
                && Files.isSameFile(target.resolve(name), picture)) {
            throw new IOException(
                    "output folder " + folder + ": the results would overwrite the picture; choose another");
        }
        return new ResultFolder(target);
    }

    /**
     * Checks that a folder can be written or made.
     *
     * @param folder as the user named it
     * @throws IOException if it is clear already that it cannot, in one sentence
     */
    public static void requireWritable(Path folder) throws IOException {
        Path target = folder.toAbsolutePath().normalize();
        Path existing = target;
        while (!Files.exists(existing) && existing.getParent() != null) {
            existing = existing.getParent();
        }
        if (!Files.isDirectory(existing)) {
            throw new IOException("output folder " + folder + " cannot be made: " + existing + " is a file");
        }
        if (!Files.isWritable(existing)) {
            throw new IOException("output folder " + folder + " is not writable"
                    + (existing.equals(target) ? "" : ": " + existing + " is read-only"));
        }
    }

    /** Where to write a file of the result for now. */
    public Path file(String name) throws IOException {
        if (ended) {
            throw new IOException("the results have been put in place already");
        }
        if (staged == null) {
            try {
                staged = StagedFiles.into(target);
            } catch (IOException e) {
                throw new IOException("output " + e.getMessage(), e);
            }
        }
        return staged.folder().resolve(name);
    }

    /** Puts all files in place. */
    public void commit() throws IOException {
        staged.commit(listedBefore(), RESULT);
    }

    /** The files of an earlier run. */
    private List<String> listedBefore() {
        if (!Files.isRegularFile(target.resolve(RESULT))) {
            return List.of();
        }
        JsonNode earlier;
        try {
            earlier = Json.read(target.resolve(RESULT));
        } catch (CliException e) {
            return List.of(); // not of our making
        }
        List<String> names = new ArrayList<>();
        earlier.path("masks").forEach(mask -> names.add(mask.path("file").asText()));
        for (String key : List.of("overlay", "cutout", "logits")) {
            names.add(earlier.path(key).asText());
        }
        earlier.path("files").forEach(file -> names.add(file.asText()));
        names.removeIf(name -> !OWN.matcher(name).matches());
        return names;
    }

    /** Removes what has not been committed. */
    @Override
    public void close() {
        ended = true;
        if (staged != null) {
            staged.close();
        }
    }
}
