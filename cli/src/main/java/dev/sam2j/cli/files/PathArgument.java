package dev.sam2j.cli.files;

import dev.sam2j.cli.terminal.Arguments;
import dev.sam2j.cli.terminal.CliException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;

/** Reads names of files, and says what is no name of a file. */
public class PathArgument implements ITypeConverter<Path> {
    private static final Pattern URL = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]+:/.*");

    @Override
    public Path convert(String text) {
        if (text.isBlank()) {
            throw CliException.usage("expected the name of a file or folder, got an empty argument");
        }
        if (text.equals("-") && !takesStdin()) {
            throw CliException.usage("-: standard input and output are not taken here, name a file or folder");
        }
        if (URL.matcher(text).matches()) {
            throw CliException.usage(text + " is an address: such are not fetched, download the file and name that");
        }
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw CliException.usage(Arguments.unusable(e));
        }
    }

    boolean takesStdin() {
        return false;
    }

    /** Takes {@code -} too, for standard input. */
    public static final class OrStdin extends PathArgument {
        @Override
        boolean takesStdin() {
            return true;
        }
    }
}
