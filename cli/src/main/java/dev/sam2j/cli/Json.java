package dev.sam2j.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads and writes JSON. */
final class Json {
    /** Longest accepted file. */
    static final int MAX_BYTES = 64 << 20;

    private static final ObjectMapper MAPPER = JsonMapper.builder()
            // Results go to terminals and pipes of any encoding.
            .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .build();

    private Json() {}

    /** The tree as text of several lines, without a line break at the end. */
    static String text(JsonNode tree) {
        try {
            return MAPPER.writeValueAsString(tree);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree can always be written", e);
        }
    }

    /**
     * Reads a file.
     *
     * @throws CliException if it cannot be read, is too long or is not JSON
     */
    static JsonNode read(Path file) {
        if (Files.isDirectory(file)) {
            throw CliException.failure(file + " is a folder, not a JSON file");
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                throw CliException.failure(file + " is longer than the limit of " + (MAX_BYTES >> 20) + " MB");
            }
            JsonNode tree = MAPPER.readTree(bytes);
            if (tree.isMissingNode()) {
                throw CliException.failure(file + " is empty");
            }
            return tree;
        } catch (JsonProcessingException e) {
            String where =
                    e.getLocation() == null ? "" : " in line " + e.getLocation().getLineNr();
            String problem = e.getOriginalMessage().lines().findFirst().orElse("");
            throw CliException.failure(file + " is not JSON" + where + ": " + problem, e);
        } catch (IOException e) {
            throw CliException.failure(file + " cannot be read: " + Failures.sentence(e), e);
        }
    }
}
