package dev.sam2j.architecture;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Lists of jars that the build wrote before the tests of jars. */
final class Jars {
    private Jars() {}

    /** What a program has that depends on sam2j-predictors and sam2j-cpu. */
    static List<Path> ofApplication() {
        return read("application.jars");
    }

    /** All modules with what they need. */
    static List<Path> ofAllModules() {
        return read("all.jars");
    }

    private static List<Path> read(String name) {
        try {
            String list = Files.readString(Path.of("target", name)).strip();
            return Stream.of(list.split(File.pathSeparator)).map(Path::of).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As the value of an option. */
    static String path(List<Path> jars) {
        return String.join(File.pathSeparator, jars.stream().map(Path::toString).toList());
    }
}
