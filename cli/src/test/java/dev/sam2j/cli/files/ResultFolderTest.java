package dev.sam2j.cli.files;

import static dev.sam2j.cli.Cli.names;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Results appear all at once or not at all. */
class ResultFolderTest {
    private static final Path PICTURE = Path.of("picture.png");

    @TempDir
    private Path folder;

    @Test
    void withoutCommitNothingIsLeftNotEvenParents() throws IOException {
        Path target = folder.resolve("a").resolve("b");
        try (ResultFolder results = ResultFolder.open(target, PICTURE)) {
            assertEquals(Set.of(), names(folder), "nothing is made before there is a file");
            Files.writeString(results.file("mask_0.png"), "half");
            assertEquals(Set.of("a"), names(folder));
            assertTrue(Files.notExists(target));
        }
        assertEquals(Set.of(), names(folder));
    }

    @Test
    void withoutCommitAnEarlierResultStays() throws IOException {
        commit("first", "mask_0.png", "mask_1.png");
        try (ResultFolder results = ResultFolder.open(folder.resolve("out"), PICTURE)) {
            Files.writeString(results.file("mask_0.png"), "second");
        }
        assertEquals(Set.of("mask_0.png", "mask_1.png", "result.json"), names(folder.resolve("out")));
        assertEquals("first", Files.readString(folder.resolve("out").resolve("mask_0.png")));
    }

    @Test
    void aCommitReplacesTheEarlierResultAndNothingElse() throws IOException {
        commit("first", "mask_0.png", "mask_1.png", "mask_2.png");
        Files.writeString(folder.resolve("out").resolve("notes.txt"), "mine");
        commit("second", "mask_0.png");
        assertEquals(Set.of("mask_0.png", "result.json", "notes.txt"), names(folder.resolve("out")));
        assertEquals("second", Files.readString(folder.resolve("out").resolve("mask_0.png")));
        assertEquals(Set.of("out"), names(folder));
    }

    @Test
    void afterItsEndNoFileIsTaken() throws IOException {
        ResultFolder results = ResultFolder.open(folder.resolve("out"), PICTURE);
        results.close();
        assertThrows(IOException.class, () -> results.file("mask_0.png"));
        assertEquals(Set.of(), names(folder));
    }

    private void commit(String content, String... masks) throws IOException {
        StringBuilder list = new StringBuilder();
        try (ResultFolder results = ResultFolder.open(folder.resolve("out"), PICTURE)) {
            for (String mask : masks) {
                Files.writeString(results.file(mask), content);
                list.append(list.isEmpty() ? "" : ",")
                        .append("{\"file\":\"")
                        .append(mask)
                        .append("\"}");
            }
            Files.writeString(results.file("result.json"), "{\"masks\":[" + list + "]}");
            results.commit();
        }
    }
}
