package dev.sam2j.cli;

import static dev.sam2j.cli.Cli.json;
import static dev.sam2j.cli.Cli.run;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pictures of unusual kinds and sizes are segmented like any other. */
class PictureKindsTest {
    @TempDir
    private Path folder;

    private JsonNode segment(byte[] picture, int x, int y, Object... more) throws IOException {
        Path file = Files.write(folder.resolve("picture"), picture);
        Object[] args = {"segment", file, "--point", x + "," + y, "--single", "--output", folder.resolve("out")};
        Object[] all = new Object[args.length + more.length];
        System.arraycopy(args, 0, all, 0, args.length);
        System.arraycopy(more, 0, all, args.length, more.length);
        run(all).done();
        return json(folder.resolve("out").resolve("result.json"));
    }

    private BufferedImage mask() throws IOException {
        return ImageIO.read(folder.resolve("out").resolve("mask_0.png").toFile());
    }

    @ParameterizedTest
    @ValueSource(
            ints = {
                BufferedImage.TYPE_BYTE_GRAY,
                BufferedImage.TYPE_USHORT_GRAY,
                BufferedImage.TYPE_4BYTE_ABGR,
                BufferedImage.TYPE_BYTE_INDEXED,
                BufferedImage.TYPE_BYTE_BINARY
            })
    void typesOfPixels(int type) throws IOException {
        JsonNode result = segment(TestFiles.png(160, 120, type), 80, 60);
        assertEquals("[160,120]", result.get("size").toString());
        assertEquals(80 * 60, result.get("masks").get(0).get("area").asInt(), 0.15 * 80 * 60);
        assertEquals(160, mask().getWidth());
    }

    @Test
    void cmykJpeg() throws IOException {
        Path cmyk = Path.of("..", "predictors", "src", "test", "resources", "pictures", "cmyk.jpg");
        JsonNode result = segment(Files.readAllBytes(cmyk), 3, 3);
        assertTrue(result.get("masks").get(0).get("score").asDouble() > 0);
    }

    @Test
    void turnedByExif() throws IOException {
        byte[] jpeg = TestFiles.turnedJpeg(160, 120);
        assertEquals("[120,160]", segment(jpeg, 60, 80).get("size").toString());
        assertEquals(160, mask().getHeight());
        assertEquals(
                "[160,120]", segment(jpeg, 80, 60, "--ignore-exif").get("size").toString());
        assertEquals(120, mask().getHeight());
    }

    @Test
    void onePixel() throws IOException {
        JsonNode result = segment(TestFiles.png(1, 1, BufferedImage.TYPE_INT_RGB), 0, 0);
        assertEquals("[1,1]", result.get("size").toString());
        assertEquals(1, mask().getWidth());
    }

    @Test
    void thirtyThousandPixelsWide() throws IOException {
        JsonNode result = segment(TestFiles.png(30_000, 40, BufferedImage.TYPE_INT_RGB), 15_000, 20);
        assertEquals("[30000,40]", result.get("size").toString());
        assertEquals(30_000, mask().getWidth());
    }

    private static Path kind(String name) {
        return Path.of("..", "predictors", "src", "test", "resources", "pictures", "kinds", name);
    }

    private Cli.Outcome segment(Path picture, Object... more) {
        Object[] args = {"segment", picture, "--point", "20,18", "--single", "--output", folder.resolve("out")};
        return run(Stream.concat(Stream.of(args), Stream.of(more)).toArray());
    }

    @Test
    void whatWasTakenIsTold() {
        String told = segment(kind("tiff_12in16.tif")).done().err();
        assertTrue(told.contains("tiff_12in16.tif: samples of "), told);
        assertTrue(told.contains("(--page, --channels and --window choose)"), told);
        told = segment(kind("tiff_12in16.tif"), "--window", "0,4095").done().err();
        assertFalse(told.contains("samples of"), told);
        told = segment(kind("tiff_rgb_zlib.tif"), "--channels", "2", "--page", "1")
                .done()
                .err();
        assertFalse(told.contains("choose"), told);
    }

    @Test
    void whatIsNotThereCannotBeTaken() {
        segment(kind("tiff_rgb_zlib.tif"), "--page", "2").failed(1, "has 1 page, so there is no page 2");
        segment(kind("tiff_rgb_zlib.tif"), "--channels", "4").failed(1, "has 3 channels, so there is no channel 4");
        segment(kind("tiff_rgb_zlib.tif"), "--page", "0").failed(2, "--page", "count from 1");
        segment(kind("tiff_rgb_zlib.tif"), "--channels", "1,2").failed(2, "--channels", "one or three");
        segment(kind("tiff_rgb_zlib.tif"), "--window", "7").failed(2, "--window", "LOW,HIGH");
        segment(kind("tiff_rgb_zlib.tif"), "--window", "7,7").failed(2, "--window", "less than HIGH");
    }
}
