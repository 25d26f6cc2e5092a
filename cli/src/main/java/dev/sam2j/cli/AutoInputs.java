package dev.sam2j.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The pictures of a run and what their results are called. */
final class AutoInputs {
    private static final String PICTURE = ".*\\.(jpe?g|png|gif|bmp|tiff?)";

    private AutoInputs() {}

    /**
     * Pictures by the names of their results: file names without extension, or with it where two pictures would share a
     * name.
     *
     * @param input a picture, or a folder whose pictures are taken in the order of their names
     * @throws CliException if there is no picture, or the results would go among the pictures
     */
    static Map<String, Path> of(Path input, Path output) throws IOException {
        if (!Files.exists(input)) {
            throw CliException.failure(input + " does not exist");
        }
        List<Path> files = new ArrayList<>();
        if (Files.isDirectory(input)) {
            if (Files.exists(output) && Files.isSameFile(input, output)) {
                throw CliException.usage(
                        "--output: the results cannot go into the folder of the pictures, name another");
            }
            try (Stream<Path> entries = Files.list(input)) {
                entries.filter(AutoInputs::isPicture).forEach(files::add);
            }
            files.sort(Comparator.comparing(file -> file.getFileName().toString()));
            if (files.isEmpty()) {
                throw CliException.failure(input + " holds no pictures (JPEG, PNG, GIF, BMP or TIFF)");
            }
        } else {
            files.add(input);
        }
        Map<String, Long> stems = files.stream()
                .collect(Collectors.groupingBy(file -> stem(file).toLowerCase(Locale.ROOT), Collectors.counting()));
        Map<String, Path> named = new LinkedHashMap<>();
        for (Path file : files) {
            boolean shared = stems.get(stem(file).toLowerCase(Locale.ROOT)) > 1;
            named.put(shared ? file.getFileName().toString() : stem(file), file);
        }
        return named;
    }

    private static boolean isPicture(Path file) {
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        return !name.startsWith(".") && name.matches(PICTURE) && Files.isRegularFile(file);
    }

    private static String stem(Path file) {
        String name = file.getFileName().toString();
        int dot = name.lastIndexOf('.');
        return dot > 0 ? name.substring(0, dot) : name;
    }
}
