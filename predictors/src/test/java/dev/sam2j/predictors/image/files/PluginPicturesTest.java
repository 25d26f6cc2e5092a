package dev.sam2j.predictors.image.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.image.PictureException;
import dev.sam2j.predictors.image.ReadOptions;
import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Without the module that reads them, which predictors does not depend on. */
class PluginPicturesTest {
    @Test
    void jpeg2000IsNamedToo() {
        byte[] file = {0, 0, 0, 12, 'j', 'P', ' ', ' ', 13, 10, (byte) 0x87, 10};
        PictureException e = assertThrows(
                PictureException.class,
                () -> Picture.read(new ByteArrayInputStream(file), "a.jp2", ReadOptions.DEFAULT));
        assertEquals(
                "a.jp2 is a JPEG 2000 picture, which is read where the module sam2j-video-io is on the class path",
                e.getMessage());
    }

    @Test
    void theModuleThatReadsThemIsNamed() {
        byte[] file = {0, 0, 0, 24, 'f', 't', 'y', 'p', 'h', 'e', 'i', 'c', 0, 0, 0, 0, 'm', 'i', 'f', '1', 0, 0, 0, 0};
        PictureException e = assertThrows(
                PictureException.class,
                () -> Picture.read(new ByteArrayInputStream(file), "a.heic", ReadOptions.DEFAULT));
        assertEquals(
                "a.heic is a HEIF picture, which is read where the module sam2j-video-io is on the class path",
                e.getMessage());
        assertFalse(PictureReader.isPictureName(Path.of("a.heic")));
    }
}
