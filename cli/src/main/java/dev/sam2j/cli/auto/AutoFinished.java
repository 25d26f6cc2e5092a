package dev.sam2j.cli.auto;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sam2j.cli.files.Json;
import dev.sam2j.common.io.AtomicFiles;
import dev.sam2j.common.io.Sha256;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Which results are there, and of what pictures: the part of {@value AutoSettings#FILE} that changes as they come.
 * Names alone would take another picture's results, or those of other settings, for finished. While a run goes on each
 * change is a line of {@value #CHANGES}, since writing the whole file for each of many pictures would take time that
 * grows with the square of their number; a run that is killed leaves that file to the next.
 */
final class AutoFinished implements AutoCloseable {
    static final String CHANGES = "sam2j-auto.changes.jsonl";

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final Path folder;
    private final Path changes;
    private final ObjectNode settings;
    private final Map<String, JsonNode> entries = new TreeMap<>();
    private boolean written;
    private boolean changed;

    /** What a picture file holds. */
    record Content(long bytes, String sha256) {
        static Content of(Path picture) throws IOException {
            return new Content(Files.size(picture), Sha256.of(picture));
        }

        private boolean isOf(JsonNode entry) {
            return entry.path("bytes").asLong(-1) == bytes
                    && entry.path("sha256").asText().equals(sha256);
        }
    }

    private AutoFinished(Path folder, ObjectNode settings) {
        this.folder = folder;
        this.changes = folder.resolve(CHANGES);
        this.settings = settings;
    }

    /** Reads what earlier runs of the same settings have written to a folder, which need not exist. */
    static AutoFinished in(Path folder, ObjectNode settings) throws IOException {
        AutoFinished finished = new AutoFinished(folder, settings);
        JsonNode earlier = AutoSettings.read(folder);
        if (AutoSettings.differences(earlier, settings).isEmpty()) {
            finished.take(earlier.path(AutoSettings.PICTURES));
            finished.readChanges();
        }
        return finished;
    }

    /** What a killed run has changed; of its last line the end may be missing. */
    private void readChanges() throws IOException {
        if (!Files.exists(changes)) {
            return;
        }
        changed = true;
        try (BufferedReader lines = Files.newBufferedReader(changes)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                take(MAPPER.readTree(line));
            }
        } catch (JsonProcessingException e) {
            // The pictures of this and the following lines are made again.
        }
    }

    private void take(JsonNode pictures) {
        pictures.properties().forEach(picture -> entries.put(picture.getKey(), picture.getValue()));
        entries.values().removeIf(JsonNode::isNull);
    }

    /** Whether all results under a name are there, of this picture's content. */
    boolean has(String name, Path picture, Set<AutoFormat> formats) throws IOException {
        JsonNode entry = entries.get(name);
        return entry != null
                && formats(entry).containsAll(names(formats))
                && formats.stream().allMatch(format -> Files.exists(format.file(folder, name)))
                && entry.path("bytes").asLong(-1) == Files.size(picture)
                && Content.of(picture).isOf(entry);
    }

    /** Notes that results of a picture are about to be replaced; makes the folder. */
    void begin(String name, Content content) throws IOException {
        JsonNode earlier = entries.get(name);
        boolean other = earlier != null && !content.isOf(earlier);
        if (other) {
            entries.remove(name);
        }
        if (!written) {
            AtomicFiles.createFolder(folder);
            write();
        } else if (other) {
            change(name, JsonNodeFactory.instance.nullNode());
        }
    }

    /** Notes that results of a picture have been written. */
    void add(String name, Content content, Set<AutoFormat> formats) throws IOException {
        Set<String> all = names(formats);
        if (entries.containsKey(name)) { // of the same content
            all.addAll(formats(entries.get(name)));
        }
        ObjectNode entry = JsonNodeFactory.instance.objectNode();
        entry.put("bytes", content.bytes()).put("sha256", content.sha256());
        all.forEach(entry.putArray("formats")::add);
        entries.put(name, entry);
        change(name, entry);
    }

    private void change(String name, JsonNode value) throws IOException {
        String line = JsonNodeFactory.instance.objectNode().set(name, value) + "\n";
        Files.writeString(changes, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        changed = true;
    }

    private void write() throws IOException {
        ObjectNode file = settings.deepCopy();
        file.putObject(AutoSettings.PICTURES).setAll(entries);
        AtomicFiles.writeString(folder.resolve(AutoSettings.FILE), Json.text(file) + "\n");
        Files.deleteIfExists(changes);
        written = true;
        changed = false;
    }

    /** Puts the changes into the file. */
    @Override
    public void close() throws IOException {
        if (changed) {
            write();
        }
    }

    private static Set<String> formats(JsonNode entry) {
        return entry.path("formats").valueStream().map(JsonNode::asText).collect(Collectors.toSet());
    }

    private static Set<String> names(Set<AutoFormat> formats) {
        return formats.stream().map(AutoFormat::name).collect(Collectors.toCollection(TreeSet::new));
    }
}
