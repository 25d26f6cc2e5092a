package dev.sam2j.cli.terminal;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/**
 * Arguments and names of files that Java could not decode. It takes both in the encoding of the locale, and puts
 * U+FFFD in place of bytes that mean nothing there.
 */
public final class Arguments {
    private static final char UNDECODED = '\ufffd';

    private Arguments() {}

    /** What is wrong with the first argument that lost characters, in one sentence, or null if none has. */
    public static String undecoded(String[] args) {
        for (String arg : args) {
            if (arg.indexOf(UNDECODED) >= 0 && !(isUtf8() && Files.exists(Path.of(arg)))) {
                return "the argument '" + arg + "' has characters that are not "
                        + (isUtf8() ? "UTF-8; rename the file if it is one" : encoding() + ": " + advice());
            }
        }
        return null;
    }

    /** Why a name cannot be one of a file, in one sentence. */
    public static String unusable(InvalidPathException e) {
        String name = "the name '" + e.getInput() + "' cannot be used for a file";
        return isUtf8() ? name + ": " + e.getReason() : name + " where names are " + encoding() + ": " + advice();
    }

    private static String advice() {
        return "set a UTF-8 locale, for example LC_ALL=C.UTF-8";
    }

    private static boolean isUtf8() {
        return encoding().equalsIgnoreCase(StandardCharsets.UTF_8.name());
    }

    private static String encoding() {
        return System.getProperty("sun.jnu.encoding", Charset.defaultCharset().name());
    }
}
