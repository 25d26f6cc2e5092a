package dev.sam2j.cli.segment;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sam2j.cli.files.InputFile;
import dev.sam2j.cli.files.Json;
import dev.sam2j.cli.files.ResultFolder;
import dev.sam2j.cli.prompts.BoxList;
import dev.sam2j.cli.terminal.CliException;
import dev.sam2j.common.io.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a result was made from, as one number: whoever makes it again would get the same if that is the same. */
final class SegmentDigest {
    /** Its name in {@value ResultFolder#RESULT}. */
    static final String KEY = "made_from";

    private SegmentDigest() {}

    /**
     * The digest of a picture's result.
     *
     * @param settings of the run
     * @param list its boxes, or null
     * @throws CliException if the picture cannot be read
     */
    static String of(ObjectNode settings, Path picture, BoxList list) {
        StringBuilder all = new StringBuilder(settings.toString());
        if (list != null) {
            list.forEachText(all::append);
        }
        try {
            return Sha256.of(all.append(Sha256.of(picture)).toString());
        } catch (IOException e) {
            throw InputFile.of(picture).unreadable(e);
        }
    }

    /** The digest of an earlier result in a folder, or an empty text. */
    static String read(Path folder) {
        Path file = folder.resolve(ResultFolder.RESULT);
        if (!Files.isRegularFile(file)) {
            return "";
        }
        try {
            return Json.read(file).path(KEY).asText();
        } catch (CliException e) {
            return ""; // not of our making
        }
    }
}
