package dev.sam2j.cli.auto;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sam2j.cli.files.Json;
import dev.sam2j.common.io.AtomicFiles;
import dev.sam2j.common.io.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Which results are there, and of what pictures: the part of {@value AutoSettings#FILE} that changes as they come.
 * Names alone would take another picture's results, or those of other settings, for finished.
 */
final class AutoFinished {
    private final Path folder;
    private final ObjectNode settings;
    private final Map<String, Entry> entries = new TreeMap<>();
    private boolean written;

    /** What a picture file holds. */
    record Content(long bytes, String sha256) {
        static Content of(Path picture) throws IOException {
            return new Content(Files.size(picture), Sha256.of(picture));
        }
    }

    private record Entry(Content content, Set<String> formats) {}

    private AutoFinished(Path folder, ObjectNode settings) {
        this.folder = folder;
        this.settings = settings;
    }

    /** Reads what earlier runs of the same settings have written to a folder, which need not exist. */
    static AutoFinished in(Path folder, ObjectNode settings) {
        AutoFinished finished = new AutoFinished(folder, settings);
        JsonNode earlier = AutoSettings.read(folder);
        if (AutoSettings.differences(earlier, settings).isEmpty()) {
            earlier.path(AutoSettings.PICTURES).properties().forEach(picture -> {
                JsonNode node = picture.getValue();
                Set<String> formats = new TreeSet<>();
                node.path("formats").forEach(format -> formats.add(format.asText()));
                Content content = new Content(
                        node.path("bytes").asLong(-1), node.path("sha256").asText());
                finished.entries.put(picture.getKey(), new Entry(content, formats));
            });
        }
        return finished;
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
        if (other || !written) {
            AtomicFiles.createFolder(folder);
            write();
        }
    }

    /** Notes that results of a picture have been written. */
    void add(String name, Content content, Set<AutoFormat> formats) throws IOException {
        Set<String> all = new TreeSet<>(names(formats));
        Entry earlier = entries.get(name); // of the same content
        if (earlier != null) {
            all.addAll(earlier.formats());
        }
        entries.put(name, new Entry(content, all));
        write();
    }

    private void write() throws IOException {
        ObjectNode file = settings.deepCopy();
        ObjectNode pictures = file.putObject(AutoSettings.PICTURES);
        entries.forEach((name, entry) -> {
            ObjectNode picture = pictures.putObject(name);
            picture.put("bytes", entry.content().bytes());
            picture.put("sha256", entry.content().sha256());
            ArrayNode formats = picture.putArray("formats");
            entry.formats().forEach(formats::add);
        });
        AtomicFiles.writeString(folder.resolve(AutoSettings.FILE), Json.text(file) + "\n");
        written = true;
    }

    private static Set<String> names(Set<AutoFormat> formats) {
        return formats.stream().map(AutoFormat::name).collect(Collectors.toSet());
    }
}
