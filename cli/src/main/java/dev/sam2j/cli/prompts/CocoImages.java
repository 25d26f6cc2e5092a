package dev.sam2j.cli.prompts;

import dev.sam2j.cli.files.InputFile;
import dev.sam2j.cli.terminal.CliException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which of the images of a COCO file are the wanted pictures: the same file, seen from the JSON's folder or the current
 * one; or else a path that ends the picture's; or else the same base name, if only one image has it.
 */
final class CocoImages {
    private static final int SAME_FILE = 3;
    private static final int PATH_ENDS = 2;
    private static final int BASE_NAME = 1;
    /** The base name, but of another picture that is there. */
    private static final int OTHER_FILE = 0;

    /** Most images of one base name: each is looked for among the files. */
    private static final int MAX_CANDIDATES = 50_000;

    private final InputFile file;
    private final Map<String, List<Path>> wanted = new HashMap<>();
    private final Map<Path, Match> matches = new LinkedHashMap<>();
    private Image first;
    private long count;

    /**
     * Nothing found yet.
     *
     * @param file from whose folder names count
     * @param pictures wanted
     */
    CocoImages(InputFile file, List<Path> pictures) {
        this.file = file;
        for (Path picture : pictures) {
            wanted.computeIfAbsent(base(picture.toString()), name -> new ArrayList<>())
                    .add(picture);
        }
    }

    /**
     * An image that the file lists.
     *
     * @param id as text
     * @param width 0 if not said
     * @param height 0 if not said
     */
    record Image(String id, String name, double width, double height) {}

    private static final class Match {
        private int candidates;
        private int rank;
        private Image image;
        private Image other;
    }

    /** Takes note of a listed image. */
    void add(Image image) {
        first = first == null ? image : first;
        count++;
        for (Path picture : wanted.getOrDefault(base(image.name()), List.of())) {
            Match match = matches.computeIfAbsent(picture, path -> new Match());
            match.candidates++;
            if (match.candidates > MAX_CANDIDATES) {
                throw file.failure(
                        "more images than the limit of " + MAX_CANDIDATES + " are called " + base(image.name()));
            }
            int rank = rank(picture, image.name());
            if (match.image == null || rank > match.rank) {
                match.other = rank == BASE_NAME ? match.image : null;
                match.image = image;
                match.rank = rank;
            } else if (!match.image.id().equals(image.id()) && (rank == match.rank || match.rank == BASE_NAME)) {
                match.other = image;
            }
        }
    }

    private int rank(Path picture, String name) {
        Path path;
        try {
            path = Path.of(name.replace('\\', '/'));
        } catch (InvalidPathException e) {
            return BASE_NAME;
        }
        Path listed = file.folder().resolve(path);
        if (isSame(listed, picture) || isSame(path, picture)) {
            return SAME_FILE;
        }
        if (path.getNameCount() == 1) {
            return BASE_NAME;
        }
        if (picture.toAbsolutePath().normalize().endsWith(path.normalize())) {
            return PATH_ENDS;
        }
        return Files.exists(listed) ? OTHER_FILE : BASE_NAME;
    }

    private static boolean isSame(Path one, Path other) {
        try {
            return one.toAbsolutePath()
                            .normalize()
                            .equals(other.toAbsolutePath().normalize())
                    || Files.exists(one) && Files.isSameFile(one, other);
        } catch (IOException e) {
            return false; // whoever reads the picture says what is wrong with it
        }
    }

    private static String base(String name) {
        return name.substring(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
    }

    /** Number of images listed. */
    long count() {
        return count;
    }

    /** The first image listed, or null. */
    Image first() {
        return first;
    }

    /**
     * The image that a picture is, or null if it is none.
     *
     * @throws CliException if it may be several, or the image may be several pictures
     */
    Image of(Path picture) {
        Match match = matches.get(picture);
        if (match == null || match.rank == OTHER_FILE) {
            return null;
        }
        if (match.other != null) {
            throw file.failure(picture + " may be " + described(match.image) + " or " + described(match.other)
                    + "; choose with --image-id");
        }
        for (Path rival : wanted.get(base(picture.toString()))) {
            Match its = matches.get(rival);
            if (match.rank < SAME_FILE
                    && !rival.equals(picture)
                    && its.rank > 0
                    && its.image.id().equals(match.image.id())) {
                throw file.failure(described(match.image) + " may be " + picture + " or " + rival);
            }
        }
        return match.image;
    }

    /** An image with its id, for people. */
    static String described(Image image) {
        return image.name() + " (id " + image.id() + ")";
    }
}
