package dev.sam2j.cli.options;

import dev.sam2j.cli.terminal.CliException;
import dev.sam2j.cli.terminal.Console;
import dev.sam2j.predictors.image.files.PictureFolder;
import dev.sam2j.predictors.image.files.PictureReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** The pictures of a run and what their results are called. */
public final class PictureInputs {
    private final Map<String, Path> pictures = new LinkedHashMap<>();
    private final Map<Path, String> names;

    private PictureInputs(Map<Path, String> names) {
        this.names = names;
        Map<String, Long> stems = names.values().stream()
                .collect(Collectors.groupingBy(name -> stem(name).toLowerCase(Locale.ROOT), Collectors.counting()));
        names.forEach((file, name) -> {
            boolean shared = stems.get(stem(name).toLowerCase(Locale.ROOT)) > 1;
            pictures.put(shared ? name : stem(name), file);
        });
    }

    /**
     * Finds the pictures, and says what in the folder is left out.
     *
     * @param input a picture, or a folder whose pictures are taken in the order of their names
     * @param recursive whether folders in it are entered
     * @throws CliException if there is no picture, or the results would go among the pictures
     */
    public static PictureInputs of(Path input, Path output, boolean recursive, Console console) throws IOException {
        if (!Files.exists(input)) {
            throw CliException.failure(input + " does not exist");
        }
        if (!Files.isDirectory(input)) {
            return new PictureInputs(Map.of(input, input.getFileName().toString()));
        }
        if (Files.exists(output) && Files.isSameFile(input, output)) {
            throw CliException.usage("--output: the results cannot go into the folder of the pictures, name another");
        }
        PictureFolder folder = PictureFolder.list(input, recursive, output);
        String leftOut = folder.leftOut() + (folder.hasSubfolders() ? "; --recursive enters subfolders" : "");
        if (folder.pictures().isEmpty()) {
            throw CliException.failure(input + " holds no pictures (" + PictureReader.formats() + ")"
                    + (leftOut.isEmpty() ? "" : ", only " + leftOut));
        }
        Map<Path, String> names = new LinkedHashMap<>();
        folder.pictures().forEach(file -> names.put(file, folder.name(file)));
        if (!leftOut.isEmpty()) {
            console.say(input + ": left out " + leftOut);
        }
        return new PictureInputs(names);
    }

    /** The pictures by the names of their results: their paths in the folder, without suffix where that is clear. */
    public Map<String, Path> pictures() {
        return pictures;
    }

    /** The path of a picture within the folder, or its name if it was given alone. */
    public String name(Path picture) {
        return names.get(picture);
    }

    private static String stem(String name) {
        int dot = name.lastIndexOf('.');
        return dot > name.lastIndexOf('/') + 1 ? name.substring(0, dot) : name;
    }
}
