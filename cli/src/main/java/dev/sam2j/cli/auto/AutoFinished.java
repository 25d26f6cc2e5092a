package dev.sam2j.cli.auto;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
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
    private final Map<String, Entry> entries = new TreeMap<>();
    private boolean written;
    private boolean changed;

    /** What a picture file holds. */
    record Content(long bytes, String sha256) {
        static Content of(Path picture) throws IOException {
            return new Content(Files.size(picture), Sha256.of(picture));
        }
    }

    private record Entry(Content content, Set<String> formats) {
        static Entry of(JsonNode node) {
            Set<String> formats = new TreeSet<>();
            node.path("formats").forEach(format -> formats.add(format.asText()));
            return new Entry(
                    new Content(
                            node.path("bytes").asLong(-1), node.path("sha256").asText()),
                    formats);
        }

        ObjectNode toJson() {
            ObjectNode picture = JsonNodeFactory.instance.objectNode();
            picture.put("bytes", content.bytes()).put("sha256", content.sha256());
            ArrayNode list = picture.putArray("formats");
            formats.forEach(list::add);
            return picture;
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
            earlier.path(AutoSettings.PICTURES)
                    .properties()
                    .forEach(picture -> finished.entries.put(picture.getKey(), Entry.of(picture.getValue())));
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
                MAPPER.readTree(line).properties().forEach(change -> {
                    if (change.getValue().isNull()) {
                        entries.remove(change.getKey());
                    } else {
                        entries.put(change.getKey(), Entry.of(change.getValue()));
                    }
                });
            }
        } catch (JsonProcessingException e) {
            // The pictures of this and the following lines are made again.
        }
    }

    /** Whether all results under a name are there, of this picture's content. */
    boolean has(String name, Path picture, Set<AutoFormat> formats) throws IOException {
        Entry entry = entries.get(name);
        return entry != null
                && entry.formats().containsAll(names(formats))
                && formats.stream().allMatch(format -> Files.exists(format.file(folder, name)))
                && entry.content().bytes() == Files.size(picture)
                && entry.content().equals(Content.of(picture));
    }

    /** Notes that results of a picture are about to be replaced; makes the folder. */
    void begin(String name, Content content) throws IOException {
        Entry earlier = entries.get(name);
        boolean other = earlier != null && !earlier.content().equals(content);
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
        Set<String> all = new TreeSet<>(names(formats));
        Entry earlier = entries.get(name); // of the same content
        if (earlier != null) {
            all.addAll(earlier.formats());
        }
        Entry entry = new Entry(content, all);
        entries.put(name, entry);
        change(name, entry.toJson());
    }

    private void change(String name, JsonNode value) throws IOException {
        String line = JsonNodeFactory.instance.objectNode().set(name, value) + "\n";
        Files.writeString(changes, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        changed = true;
    }

    private void write() throws IOException {
        ObjectNode file = settings.deepCopy();
        ObjectNode pictures = file.putObject(AutoSettings.PICTURES);
        entries.forEach((name, entry) -> pictures.set(name, entry.toJson()));
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

    private static Set<String> names(Set<AutoFormat> formats) {
        return formats.stream().map(AutoFormat::name).collect(Collectors.toSet());
    }
}
