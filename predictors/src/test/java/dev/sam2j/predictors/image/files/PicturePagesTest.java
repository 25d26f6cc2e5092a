package dev.sam2j.predictors.image.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.image.PictureException;
import dev.sam2j.predictors.image.ReadOptions;
import dev.sam2j.predictors.image.TestPictures;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Stacks, page by page. */
class PicturePagesTest {
    @TempDir
    private Path folder;

    /** Pages of which each has the grey level 10 times its index. */
    private static byte[] stack(int pages) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageWriter writer = ImageIO.getImageWritersByFormatName("tiff").next();
        try (ImageOutputStream out = ImageIO.createImageOutputStream(bytes)) {
            writer.setOutput(out);
            writer.prepareWriteSequence(null);
            for (int page = 0; page < pages; page++) {
                BufferedImage image = new BufferedImage(20, 10 + page, BufferedImage.TYPE_BYTE_GRAY);
                for (int i = 0; i < 20 * (10 + page); i++) {
                    image.getRaster().setSample(i % 20, i / 20, 0, 10 * page);
                }
                writer.writeToSequence(new IIOImage(image, null, null), null);
            }
            writer.endWriteSequence();
        } finally {
            writer.dispose();
        }
        return bytes.toByteArray();
    }

    @Test
    void readsAnyPageInAnyOrder() throws IOException {
        Path file = Files.write(folder.resolve("stack.tif"), stack(5));
        try (PicturePages pages = new PicturePages(file, ReadOptions.DEFAULT)) {
            assertEquals(5, pages.count());
            for (int page : new int[] {3, 0, 4}) {
                Picture picture = pages.read(page);
                assertEquals(10 + page, picture.height());
                assertEquals(10 * page * 0x010101, picture.pixel(19, 9 + page));
            }
            assertThrows(IndexOutOfBoundsException.class, () -> pages.read(5));
            pages.close();
            assertTrue(assertThrows(IllegalStateException.class, () -> pages.read(0))
                    .getMessage()
                    .contains("stack.tif"));
        }
    }

    @Test
    void anInterruptedThreadReadsOnAndStaysInterrupted() throws IOException {
        Path file = Files.write(folder.resolve("stack.tif"), stack(3));
        Thread.currentThread().interrupt();
        try (PicturePages pages = new PicturePages(file, ReadOptions.DEFAULT)) {
            assertEquals(12, pages.read(2).height());
        } finally {
            assertTrue(Thread.interrupted());
        }
    }

    @Test
    void theSecondPageIsReadWhereTheFirstIsBroken() throws IOException {
        byte[] stack = stack(2);
        byte[] broken = stack.clone();
        int first = ByteBuffer.wrap(broken).getInt(4);
        // The first entry of the first directory: the width's tag.
        broken[first + 3] = 1;
        Path file = Files.write(folder.resolve("stack.tif"), broken);
        try (PicturePages pages = new PicturePages(file, ReadOptions.DEFAULT)) {
            assertThrows(PictureException.class, () -> pages.read(0));
            assertEquals(11, pages.read(1).height());
        }
    }

    @Test
    void otherFilesHaveOnePage() throws IOException {
        BufferedImage image = TestPictures.gradient(20, 10, BufferedImage.TYPE_INT_RGB);
        Path file = Files.write(folder.resolve("a.png"), TestPictures.encode(image, "png"));
        try (PicturePages pages = new PicturePages(file, ReadOptions.DEFAULT)) {
            assertEquals(1, pages.count());
            assertEquals(20, pages.read(0).width());
        }
        PictureException e =
                assertThrows(PictureException.class, () -> Picture.read(file, ReadOptions.DEFAULT.withPage(1)));
        assertTrue(e.getMessage().endsWith("a.png has 1 page, so there is no page 2"), e.getMessage());
        assertThrows(PictureException.class, () -> new PicturePages(folder.resolve("no.tif"), ReadOptions.DEFAULT));
        assertThrows(PictureException.class, () -> new PicturePages(folder, ReadOptions.DEFAULT));
    }

    @Test
    void thePageThatWasTakenIsTold() throws IOException {
        Path file = Files.write(folder.resolve("stack.tif"), stack(3));
        List<String> notices = new ArrayList<>();
        Picture picture = Picture.read(file, ReadOptions.DEFAULT.withPage(2).withNotices(notices::add));
        assertEquals(12, picture.height());
        assertEquals(List.of(file + ": page 3 of 3 was taken"), notices);
    }
}
