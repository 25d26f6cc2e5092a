package dev.sam2j.weights.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import dev.sam2j.common.io.PrintableText;
import dev.sam2j.weights.CheckpointException;
import dev.sam2j.weights.file.CheckpointFile;
import dev.sam2j.weights.file.InputFile;
import dev.sam2j.weights.file.Names;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/**
 * Reads the index of a checkpoint in several files, {@code *.index.json} of Hugging Face: an object whose
 * {@code weight_map} tells of each tensor which file beside the index has it.
 */
final class ShardIndex {
    private static final String ENDING = ".index.json";
    private static final int MAX_BYTES = 16 << 20;
    private static final int MAX_TENSORS = 50_000;
    private static final int MAX_SHARDS = 1000;
    private static final JsonFactory JSON = Names.json(MAX_BYTES);

    private final Path path;
    private final Map<String, String> shardOf = new LinkedHashMap<>();

    private ShardIndex(Path path) {
        this.path = path;
    }

    static boolean isNamedLikeOne(Path path) {
        return path.toString().endsWith(ENDING);
    }

    /**
     * Opens all files that the index names.
     *
     * @throws CheckpointException if one is missing or damaged, or does not have what the index says
     */
    static CheckpointFile open(Path path) {
        ShardIndex index = new ShardIndex(path);
        index.parse();
        List<CheckpointFile> shards = new ArrayList<>();
        try {
            for (String name : new LinkedHashSet<>(index.shardOf.values())) {
                shards.add(index.openShard(name));
            }
            CheckpointFile joined = CheckpointFile.joined(path, shards);
            index.check(joined);
            return joined;
        } catch (RuntimeException | Error e) {
            shards.forEach(CheckpointFile::close);
            throw e;
        }
    }

    private void parse() {
        byte[] bytes;
        try (InputFile file = InputFile.open(path)) {
            if (file.size() > MAX_BYTES) {
                throw damaged("it has more than the " + MAX_BYTES + " bytes allowed");
            }
            bytes = file.bytes(0, (int) file.size());
        }
        try (JsonParser json = JSON.createParser(new String(bytes, StandardCharsets.UTF_8))) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw damaged("it is not a JSON object");
            }
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                boolean map = json.currentName().equals("weight_map");
                if (json.nextToken() == JsonToken.START_OBJECT && map) {
                    parseMap(json);
                } else {
                    json.skipChildren();
                }
            }
        } catch (JsonProcessingException e) {
            throw damaged("it is not JSON (" + PrintableText.shortened(e.getOriginalMessage()) + ")");
        } catch (IOException e) {
            throw new IllegalStateException("text in memory can be read", e);
        }
        if (shardOf.isEmpty()) {
            throw damaged("it has no weight_map");
        }
    }

    private void parseMap(JsonParser json) throws IOException {
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String name = json.currentName();
            if (json.nextToken() != JsonToken.VALUE_STRING || !Names.isAcceptable(name)) {
                throw damaged("its weight_map does not map names to files");
            }
            shardOf.put(name, json.getText());
            if (shardOf.size() > MAX_TENSORS) {
                throw damaged("it lists more than " + MAX_TENSORS + " tensors");
            }
        }
        if (new LinkedHashSet<>(shardOf.values()).size() > MAX_SHARDS) {
            throw damaged("it lists more than " + MAX_SHARDS + " files");
        }
    }

    private CheckpointFile openShard(String name) {
        boolean plain = !name.isEmpty()
                && PrintableText.isPrintable(name)
                && !name.matches(".*[/\\\\:].*|\\.\\.?")
                && !name.endsWith(ENDING);
        if (!plain) {
            throw damaged("it names '" + PrintableText.shortened(name) + "', which is no file beside it");
        }
        Path shard = path.resolveSibling(name);
        if (!Files.exists(shard)) {
            throw new CheckpointException(path, "its file " + name + " is missing");
        }
        return Checkpoints.openFile(shard);
    }

    private void check(CheckpointFile joined) {
        for (Map.Entry<String, String> tensor : shardOf.entrySet()) {
            boolean there =
                    joined.names().contains(tensor.getKey()) || joined.skipped().containsKey(tensor.getKey());
            if (!there) {
                throw damaged("it says that " + tensor.getValue() + " has " + tensor.getKey() + ", which is not there");
            }
        }
    }

    private CheckpointException damaged(String what) {
        return new CheckpointException(path, "the index of a checkpoint in several files is damaged: " + what);
    }
}
