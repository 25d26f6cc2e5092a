package dev.sam2j.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** What a result was made from, as one number: whoever makes it again would get the same if that is the same. */
final class SegmentDigest {
    /** Its name in {@value ResultFolder#RESULT}. */
    static final String KEY = "made_from";

    private static final int BUFFER = 1 << 16;

    private final ObjectNode settings;

    /**
     * Digests of a run.
     *
     * @param settings of the run
     */
    SegmentDigest(ObjectNode settings) {
        this.settings = settings;
    }

    /**
     * The digest of a picture's result.
     *
     * @param list its boxes, or null
     * @throws CliException if the picture cannot be read
     */
    String of(Path picture, BoxList list) {
        MessageDigest digest = sha256();
        digest.update(settings.toString().getBytes(StandardCharsets.UTF_8));
        if (list != null) {
            list.forEachText(text -> digest.update(text.getBytes(StandardCharsets.UTF_8)));
        }
        try (InputStream in = Files.newInputStream(picture)) {
            byte[] buffer = new byte[BUFFER];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                digest.update(buffer, 0, n);
            }
        } catch (IOException e) {
            throw InputFile.of(picture).unreadable(e);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
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
