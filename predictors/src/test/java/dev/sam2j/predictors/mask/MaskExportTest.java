package dev.sam2j.predictors.mask;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sam2j.predictors.mask.coco.CocoWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Masks in other programs' formats; the texts of COCO were read back by pycocotools 2.0 as the same masks. */
class MaskExportTest {
    /** A square ring, and a piece beside it. */
    private static final Mask RING = mask(
            "............", //
            ".#####...##.",
            ".#...#...##.",
            ".#...#......",
            ".#####......",
            "............");

    private static final List<MaskRecord> RECORDS = List.of(
            new MaskRecord(CocoRle.of(RING), 3, Map.of("score", 0.5f)),
            new MaskRecord(CocoRle.of(Mask.empty(12, 6)), 4, Map.of("score", Float.NaN)));

    @TempDir
    private Path folder;

    private static Mask mask(String... rows) {
        byte[] pixels = new byte[rows.length * rows[0].length()];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) (rows[i / rows[0].length()].charAt(i % rows[0].length()) == '#' ? 1 : 0);
        }
        return Mask.ofBytes(rows[0].length(), rows.length, pixels);
    }

    @Test
    void cocoOfSeveralPictures() throws IOException {
        Path file = folder.resolve("c.json");
        try (var out = Files.newOutputStream(file);
                CocoWriter coco = new CocoWriter(
                        out,
                        List.of(new CocoWriter.Image(1, "a.png", 12, 6), new CocoWriter.Image(7, "b.png", 12, 6)),
                        Map.of(3L, "ring"))) {
            coco.add(1, RECORDS.get(0));
            coco.add(7, RECORDS.get(1));
        }
        assertEquals(
                "{\"images\":[{\"id\":1,\"file_name\":\"a.png\",\"width\":12,\"height\":6},"
                        + "{\"id\":7,\"file_name\":\"b.png\",\"width\":12,\"height\":6}],\"annotations\":["
                        + "{\"id\":1,\"image_id\":1,\"category_id\":3,\"iscrowd\":0,\"segmentation\":{\"size\":[6,12],"
                        + "\"counts\":\"" + CocoRle.of(RING).toCompressed() + "\"},\"area\":18,\"bbox\":[1,1,10,4],"
                        + "\"score\":0.5},"
                        + "{\"id\":2,\"image_id\":7,\"category_id\":4,\"iscrowd\":0,\"segmentation\":{\"size\":[6,12],"
                        + "\"counts\":\"X2\"},\"area\":0,\"bbox\":[0,0,0,0],\"score\":null}],"
                        + "\"categories\":[{\"id\":3,\"name\":\"ring\"}]}",
                Files.readString(file));
    }

    @Test
    void yoloBoxesAreCentresAndSizes() throws IOException {
        Path file = folder.resolve("b.txt");
        MaskExport.writeYoloBoxes(file, RECORDS);
        // Columns 1 to 10 of 12, rows 1 to 4 of 6.
        assertEquals("3 0.500000 0.500000 0.833333 0.666667\n", Files.readString(file));
    }

    @Test
    void yoloOutlinesFillToTheMask() throws IOException {
        Path file = folder.resolve("s.txt");
        MaskExport.writeYoloOutlines(file, RECORDS);
        String[] fields = Files.readString(file).strip().split(" ");
        assertEquals("3", fields[0]);
        double[] x = new double[(fields.length - 1) / 2];
        double[] y = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            x[i] = Double.parseDouble(fields[1 + 2 * i]) * 12;
            y[i] = Double.parseDouble(fields[2 + 2 * i]) * 6;
        }
        assertEquals(RING, filled(x, y));
        assertEquals(1, Files.readAllLines(file).size(), "a mask without pixels has no outline");
    }

    /** Pixels whose centre is inside by the even-odd rule. */
    private static Mask filled(double[] x, double[] y) {
        byte[] pixels = new byte[12 * 6];
        for (int i = 0; i < pixels.length; i++) {
            double px = i % 12 + 0.5;
            double py = i / 12 + 0.5;
            boolean inside = false;
            for (int a = 0, b = x.length - 1; a < x.length; b = a++) {
                if (y[a] > py != y[b] > py && px < (x[b] - x[a]) * (py - y[a]) / (y[b] - y[a]) + x[a]) {
                    inside = !inside;
                }
            }
            pixels[i] = (byte) (inside ? 1 : 0);
        }
        return Mask.ofBytes(12, 6, pixels);
    }

    @Test
    void rlesAndPolygons() throws IOException {
        Path file = folder.resolve("r.json");
        MaskExport.writeRles(file, RECORDS.subList(0, 1));
        String counts = Files.readString(file).replaceFirst(".*\"counts\":\"([^\"]*)\".*", "$1");
        assertEquals(RING, CocoRle.ofCompressed(12, 6, counts).toMask());
        assertArrayEquals(new int[] {1, 1, 10, 4}, RECORDS.get(0).bbox());
        MaskExport.writePolygons(file, RECORDS);
        String text = Files.readString(file);
        assertEquals(2, text.split("\"Feature\"").length - 1);
        assertEquals(true, text.contains("\"coordinates\":[]"), "a mask without pixels has no rings");
    }
}
