package dev.sam2j.cli.files;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sam2j.cli.terminal.CliException;
import java.nio.file.Path;

/** Reads and writes JSON. */
public final class Json {
    private static final int MAX_VALUES = 8_000_000;

    private static final ObjectMapper MAPPER = JsonMapper.builder()
            // Results go to terminals and pipes of any encoding.
            .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .build();

    private Json() {}

    /** The tree as text of several lines, without a line break at the end. */
    public static String text(JsonNode tree) {
        try {
            return MAPPER.writeValueAsString(tree);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree can always be written", e);
        }
    }

    /**
     * Reads a file of our own making.
     *
     * @throws CliException if it cannot be read, is too large or is not JSON
     */
    public static JsonNode read(Path file) {
        try (JsonStream json = JsonStream.open(InputFile.of(file))) {
            JsonNode tree = json.tree(MAX_VALUES, "it");
            json.end();
            return tree;
        }
    }
}
