package dev.sam2j.predictors.image.files;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The pictures in a folder, known by the suffixes of their names, in natural order: numbers in names count as numbers.
 * What is not taken can be named.
 */
public final class PictureFolder {
    private static final int NAMED = 3;

    private final Path folder;
    private final List<Path> pictures = new ArrayList<>();
    private final List<String> others = new ArrayList<>();
    private final List<String> subfolders = new ArrayList<>();
    private int hidden;

    private PictureFolder(Path folder) {
        this.folder = folder;
    }

    /**
     * Lists a folder.
     *
     * @param recursive whether pictures of folders in it are taken too; links to folders are not followed
     * @param except a folder in it that is passed over, or null
     * @throws IOException if it cannot be read
     */
    public static PictureFolder list(Path folder, boolean recursive, Path except) throws IOException {
        PictureFolder listing = new PictureFolder(folder);
        Path skipped = except == null ? null : except.toAbsolutePath().normalize();
        Files.walkFileTree(folder, Set.of(), recursive ? Integer.MAX_VALUE : 1, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path path, BasicFileAttributes attributes) {
                if (!path.equals(folder) && listing.isPassedOver(path, skipped)) {
                    return FileVisitResult.SKIP_SUBTREE;
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path path, BasicFileAttributes attributes) {
                if (!listing.isPassedOver(path, skipped)) {
                    listing.add(path);
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path path, IOException e) throws IOException {
                if (path.equals(folder)) {
                    throw e;
                }
                listing.others.add(listing.name(path));
                return FileVisitResult.CONTINUE;
            }
        });
        listing.pictures.sort((a, b) -> compareNatural(listing.name(a), listing.name(b)));
        listing.others.sort(PictureFolder::compareNatural);
        listing.subfolders.sort(PictureFolder::compareNatural);
        return listing;
    }

    private boolean isPassedOver(Path path, Path except) {
        boolean isHidden = path.getFileName().toString().startsWith(".");
        hidden += isHidden ? 1 : 0;
        return isHidden || path.toAbsolutePath().normalize().equals(except);
    }

    private void add(Path path) {
        if (Files.isDirectory(path)) {
            subfolders.add(name(path));
        } else if (PictureReader.isPictureName(path) && Files.isRegularFile(path)) {
            pictures.add(path);
        } else {
            others.add(name(path));
        }
    }

    /** The pictures, in order. */
    public List<Path> pictures() {
        return List.copyOf(pictures);
    }

    /** The path of one of the pictures within the folder, with slashes. */
    public String name(Path picture) {
        return folder.relativize(picture).toString().replace('\\', '/');
    }

    /** Whether there are folders in it whose pictures were not taken. */
    public boolean hasSubfolders() {
        return !subfolders.isEmpty();
    }

    /** What was not taken, for people: kinds, numbers and some names; empty if everything was. */
    public String leftOut() {
        List<String> parts = new ArrayList<>();
        if (!others.isEmpty()) {
            parts.add(count(others.size(), "other file") + named(others));
        }
        if (!subfolders.isEmpty()) {
            parts.add(count(subfolders.size(), "subfolder") + named(subfolders));
        }
        if (hidden > 0) {
            parts.add(hidden + " hidden");
        }
        return String.join(", ", parts);
    }

    private static String count(int number, String what) {
        return number + " " + what + (number == 1 ? "" : "s");
    }

    private static String named(List<String> names) {
        String some = String.join(", ", names.subList(0, Math.min(names.size(), NAMED)));
        return " (" + some + (names.size() > NAMED ? ", ..." : "") + ")";
    }

    /** Compares digits as numbers and everything else as text. */
    static int compareNatural(String a, String b) {
        String[] left = a.split("(?<=\\d)(?=\\D)|(?<=\\D)(?=\\d)");
        String[] right = b.split("(?<=\\d)(?=\\D)|(?<=\\D)(?=\\d)");
        for (int i = 0; i < Math.min(left.length, right.length); i++) {
            boolean numbers = startsWithDigit(left[i]) && startsWithDigit(right[i]);
            int order =
                    numbers ? new BigInteger(left[i]).compareTo(new BigInteger(right[i])) : left[i].compareTo(right[i]);
            if (order != 0) {
                return order;
            }
        }
        return left.length != right.length ? Integer.compare(left.length, right.length) : a.compareTo(b);
    }

    private static boolean startsWithDigit(String part) {
        return !part.isEmpty() && part.charAt(0) >= '0' && part.charAt(0) <= '9';
    }
}
