package dev.sam2j.cli.vos;

import dev.sam2j.cli.terminal.CliException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Folders of benchmarks. */
final class VosFolders {
    private VosFolders() {}

    /** Requires a folder. */
    private static void require(Path folder, String what) {
        if (!Files.isDirectory(folder)) {
            throw CliException.failure(
                    what + ": " + folder + (Files.exists(folder) ? " is not a folder" : " does not exist"));
        }
    }

    /** Requires that results overwrite no input. */
    static void requireApart(Path output, Path... inputs) throws IOException {
        for (Path input : inputs) {
            if (Files.exists(output) && Files.isSameFile(output, input)) {
                throw CliException.usage("--output: " + output + " is an input too, choose another folder");
            }
        }
    }

    /**
     * Names of videos: all folders in {@code root}, or those of a list.
     *
     * @param masks where each has a folder too
     * @throws CliException if there are none, or one is not in both places
     */
    static List<String> videos(Path root, Path list, Path masks) throws IOException {
        require(root, "videos");
        List<String> names = list == null ? folders(root) : listed(list);
        if (names.isEmpty()) {
            throw CliException.failure((list == null ? root : list) + ": there are no videos in it");
        }
        for (String name : names) {
            Path folder = root.resolve(name).normalize();
            if (!root.normalize().equals(folder.getParent()) || name.startsWith(".")) {
                throw CliException.failure(list + ": '" + name + "' is not the name of a video");
            }
            require(folder, "video " + name);
            require(masks.resolve(name), "masks of video " + name);
        }
        return names;
    }

    private static List<String> listed(Path list) throws IOException {
        try {
            return Files.readAllLines(list).stream()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty())
                    .distinct()
                    .toList();
        } catch (CharacterCodingException e) {
            throw CliException.failure(list + " is not a list of names", e);
        }
    }

    /** Names of the folders in a folder, in order. */
    static List<String> folders(Path root) throws IOException {
        try (Stream<Path> entries = Files.list(root)) {
            return entries.filter(Files::isDirectory)
                    .map(entry -> entry.getFileName().toString())
                    .filter(name -> !name.startsWith("."))
                    .sorted()
                    .toList();
        }
    }

    /** Names of the PNG files in a folder without their suffix, in order. */
    static List<String> frames(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.map(entry -> entry.getFileName().toString())
                    .filter(name -> name.endsWith(".png") && !name.startsWith("."))
                    .map(name -> name.substring(0, name.length() - ".png".length()))
                    .sorted()
                    .toList();
        }
    }
}
