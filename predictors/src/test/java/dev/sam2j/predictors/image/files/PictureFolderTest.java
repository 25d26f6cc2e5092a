package dev.sam2j.predictors.image.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PictureFolderTest {
    @TempDir
    Path folder;

    private void make(String... names) throws IOException {
        for (String name : names) {
            Path file = folder.resolve(name);
            Files.createDirectories(file.getParent());
            Files.createFile(file);
        }
    }

    private static List<String> names(PictureFolder listing) {
        return listing.pictures().stream().map(listing::name).toList();
    }

    @Test
    void picturesComeInNaturalOrderAndTheRestIsNamed() throws IOException {
        make("10.PNG", "9.jpeg", "a.webp", "a.tif", "b.bmp", "c.pgm", "notes.txt", "clip.mp4", "d", ".hidden.png");
        make("raw/1.png", "raw/deep/2.png", "out/3.png", ".git/4.png");
        PictureFolder flat = PictureFolder.list(folder, false, folder.resolve("out"));
        assertEquals(List.of("9.jpeg", "10.PNG", "a.tif", "a.webp", "b.bmp", "c.pgm"), names(flat));
        assertEquals("3 other files (clip.mp4, d, notes.txt), 1 subfolder (raw), 2 hidden", flat.leftOut());
        assertTrue(flat.hasSubfolders());
    }

    @Test
    void subfoldersAreEnteredOnDemand() throws IOException {
        make("2.png", "raw/10.png", "raw/9.png", "raw/deep/1.png", "raw/x.heic", "out/3.png", ".git/4.png");
        PictureFolder deep = PictureFolder.list(folder, true, folder.resolve("out"));
        assertEquals(List.of("2.png", "raw/9.png", "raw/10.png", "raw/deep/1.png"), names(deep));
        assertEquals("1 other file (raw/x.heic), 1 hidden", deep.leftOut());
        assertFalse(deep.hasSubfolders());
    }

    @Test
    void oneOfManyNamesIsEnough() throws IOException {
        make("1.txt", "2.txt", "3.txt", "4.txt");
        assertEquals(
                "4 other files (1.txt, 2.txt, 3.txt, ...)",
                PictureFolder.list(folder, false, null).leftOut());
        assertThrows(IOException.class, () -> PictureFolder.list(folder.resolve("none"), true, null));
        Files.delete(folder.resolve("4.txt"));
        assertFalse(PictureFolder.list(folder, false, null).leftOut().contains("..."));
    }
}
