package dev.sam2j.training.data;

import dev.sam2j.common.io.PrintableText;
import dev.sam2j.training.TrainingException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** What messages say about files. */
public final class Text {
    private Text() {}

    /** A text out of a file, short and printable, in quotes. */
    public static String of(String text) {
        return "'" + PrintableText.shortened(text) + "'";
    }

    /** A file or folder that cannot be read. */
    public static TrainingException unreadable(Path file, IOException e) {
        if (e instanceof NoSuchFileException) {
            return new TrainingException(file + " does not exist", e);
        }
        if (e instanceof CharacterCodingException) {
            return new TrainingException(file + " is not text in UTF-8", e);
        }
        String why = e instanceof AccessDeniedException ? "permission denied" : "the disk fails: " + e.getMessage();
        return new TrainingException(file + " cannot be read: " + why, e);
    }
}
