package dev.sam2j.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The folder of one run's results. Files are written into a hidden folder beside it (inside it, if it exists) and moved
 * when all are there, {@value #RESULT} last; without {@link #commit()} nothing is left behind, not even if the process
 * is interrupted. Files that the {@value #RESULT} of an earlier run lists, and this run has not, are removed.
 */
final class ResultFolder implements AutoCloseable {
    /** The file that lists the others; where it is, all are there. */
    static final String RESULT = "result.json";

    /** Logits of all masks. */
    static final String LOGITS = "logits.safetensors";

    private static final Pattern OWN =
            Pattern.compile("mask_\\d{1,9}\\.png|overlay\\.png|cutout\\.png|result\\.json|logits\\.safetensors");

    private final Path target;
    private final Deque<Path> madeParents = new ArrayDeque<>();
    private final Thread hook = new Thread(this::discard);
    private Path staging;
    private boolean ended;

    private ResultFolder(Path target) {
        this.target = target;
    }

    /**
     * Checks that a folder can be written or made; makes nothing.
     *
     * @throws IOException if it is clear already that it cannot, in one sentence
     */
    static ResultFolder open(Path folder, Path picture) throws IOException {
        Path target = folder.toAbsolutePath().normalize();
        requireWritable(target, folder);
        Path overwritten = target.resolve(picture.getFileName());
        if (OWN.matcher(picture.getFileName().toString()).matches()
                && Files.exists(overwritten)
                && Files.isSameFile(overwritten, picture)) {
            throw new IOException(
                    "output folder " + folder + ": the results would overwrite the picture; choose another");
        }
        return new ResultFolder(target);
    }

    /**
     * Checks that a folder can be written or made.
     *
     * @param folder the same as the user named it
     * @throws IOException if it is clear already that it cannot, in one sentence
     */
    static void requireWritable(Path target, Path folder) throws IOException {
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
    synchronized Path file(String name) throws IOException {
        if (ended) {
            throw new IOException("interrupted");
        }
        if (staging == null) {
            makeStaging();
        }
        return staging.resolve(name);
    }

    private void makeStaging() throws IOException {
        String name = "." + (target.getFileName() == null ? "sam2j" : target.getFileName()) + "."
                + Long.toHexString(ThreadLocalRandom.current().nextLong()) + ".tmp";
        try {
            makeParents();
            Path folder = (Files.exists(target) ? target : target.getParent()).resolve(name);
            Runtime.getRuntime().addShutdownHook(hook);
            staging = Files.createDirectory(folder);
        } catch (IOException e) {
            String reason = e instanceof AccessDeniedException ? "permission denied" : Failures.sentence(e);
            throw new IOException("output folder " + target + " cannot be written: " + reason, e);
        }
    }

    private void makeParents() throws IOException {
        Deque<Path> missing = new ArrayDeque<>();
        for (Path parent = target.getParent(); parent != null && !Files.exists(parent); parent = parent.getParent()) {
            missing.push(parent);
        }
        for (Path parent : missing) {
            Files.createDirectory(parent);
            madeParents.push(parent);
        }
    }

    /** Puts all files in place. */
    synchronized void commit() throws IOException {
        if (Files.exists(target)) {
            moveIntoExisting();
        } else {
            Files.move(staging, target, StandardCopyOption.ATOMIC_MOVE);
            staging = null;
        }
        madeParents.clear();
        discard();
    }

    private void moveIntoExisting() throws IOException {
        Set<Path> stale = listedBefore();
        List<Path> files = new ArrayList<>();
        try (Stream<Path> staged = Files.list(staging)) {
            staged.forEach(files::add);
        }
        files.sort(Comparator.comparing(file -> file.endsWith(RESULT)));
        // From here to the end there is no result.json, so that nobody takes a mixture of two runs for a result.
        Files.deleteIfExists(target.resolve(RESULT));
        for (Path file : files) {
            Path place = target.resolve(file.getFileName());
            Files.move(file, place, StandardCopyOption.ATOMIC_MOVE);
            stale.remove(place);
        }
        for (Path file : stale) {
            Files.deleteIfExists(file);
        }
    }

    /** The files of an earlier run. */
    private Set<Path> listedBefore() {
        Set<Path> files = new HashSet<>();
        if (!Files.isRegularFile(target.resolve(RESULT))) {
            return files;
        }
        JsonNode earlier;
        try {
            earlier = Json.read(target.resolve(RESULT));
        } catch (CliException e) {
            return files; // not of our making
        }
        List<String> names = new ArrayList<>();
        earlier.path("masks").forEach(mask -> names.add(mask.path("file").asText()));
        names.add(earlier.path("logits").asText());
        names.removeIf(name -> !OWN.matcher(name).matches());
        names.forEach(name -> files.add(target.resolve(name)));
        return files;
    }

    private synchronized void discard() {
        List<Path> leftovers = new ArrayList<>();
        if (staging != null) {
            try (Stream<Path> files = Files.list(staging)) {
                files.forEach(leftovers::add);
            } catch (IOException e) {
                leftovers.clear(); // already gone
            }
            leftovers.add(staging);
        }
        leftovers.addAll(madeParents);
        for (Path path : leftovers) {
            path.toFile().delete();
        }
        staging = null;
        ended = true;
        madeParents.clear();
    }

    /** Removes what has not been committed. */
    @Override
    public void close() {
        discard();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            return; // the process is ending, and the hook with it
        }
    }
}
