package dev.sam2j.cli.auto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sam2j.cli.Cli;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AutoFinishedTest {
    private static final Set<AutoFormat> CSV = EnumSet.of(AutoFormat.CSV);
    private static final ObjectNode SETTINGS =
            JsonNodeFactory.instance.objectNode().put("model", "demo");

    @TempDir
    private Path folder;

    private Path file() {
        return folder.resolve(AutoSettings.FILE);
    }

    private Path changes() {
        return folder.resolve(AutoFinished.CHANGES);
    }

    private Path add(AutoFinished finished, String name) throws IOException {
        Path picture = Files.writeString(folder.resolve(name), "content of " + name);
        AutoFinished.Content content = AutoFinished.Content.of(picture);
        finished.begin(name, content);
        Files.writeString(AutoFormat.CSV.file(folder, name), "");
        finished.add(name, content, CSV);
        return picture;
    }

    @Test
    void eachPictureAddsALineAndTheFileIsWrittenAtTheEnd() throws IOException {
        try (AutoFinished finished = AutoFinished.in(folder, SETTINGS)) {
            add(finished, "a");
            String begun = Files.readString(file());
            long line = Files.size(changes());
            for (int i = 1; i < 20; i++) {
                add(finished, String.valueOf((char) ('a' + i)));
                assertEquals((i + 1) * line, Files.size(changes()), 2 * i); // lengths in digits differ
            }
            assertEquals(begun, Files.readString(file()));
        }
        assertFalse(Files.exists(changes()));
        assertEquals(20, Cli.json(file()).path("pictures").size());
        assertTrue(AutoFinished.in(folder, SETTINGS).has("t", folder.resolve("t"), CSV));
    }

    @Test
    void whatAKilledRunHasFinishedIsKnown() throws IOException {
        AutoFinished killed = AutoFinished.in(folder, SETTINGS);
        Path first = add(killed, "a");
        Path second = add(killed, "b");
        Files.writeString(second, "other");
        killed.begin("b", AutoFinished.Content.of(second));
        Files.writeString(changes(), "{\"c\":{\"byt", StandardOpenOption.APPEND);
        AutoFinished next = AutoFinished.in(folder, SETTINGS);
        assertTrue(next.has("a", first, CSV));
        Files.writeString(second, "content of b");
        assertFalse(next.has("b", second, CSV));
        ObjectNode others = SETTINGS.deepCopy().put("model", "tiny");
        assertFalse(AutoFinished.in(folder, others).has("a", first, CSV));
        try (next) {
            add(next, "d");
        }
        Files.writeString(changes(), "{\"d\":null}\n");
        AutoFinished.in(folder, SETTINGS).close();
        assertFalse(Files.exists(changes()));
        assertEquals(
                Set.of("a"),
                Cli.json(file()).path("pictures").properties().stream()
                        .map(Map.Entry::getKey)
                        .collect(Collectors.toSet()));
    }
}
