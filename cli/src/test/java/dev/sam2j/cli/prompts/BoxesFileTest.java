package dev.sam2j.cli.prompts;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.cli.terminal.CliException;
import dev.sam2j.predictors.Prompt;
import dev.sam2j.predictors.image.Picture;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which boxes a file gives for which picture, and what is said of those that are wrong. */
class BoxesFileTest {
    private static final Path FILES = Path.of("src", "test", "resources", "dev", "sam2j", "cli", "prompts", "boxes");
    private static final Path BASE = Path.of("base.png");
    private static final Picture PICTURE = Picture.of(new byte[401 * 267 * 3], 401, 267);

    @TempDir
    private Path folder;

    private Path write(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }

    private static BoxList.Checked checked(Path file, Path picture) {
        return BoxesFile.read(file, List.of(picture), null).of(picture).check(PICTURE, false, () -> false);
    }

    private static void assertBoxes(BoxList.Checked checked, float[]... expected) {
        assertEquals(expected.length, checked.targets().size());
        for (int i = 0; i < expected.length; i++) {
            Prompt.Box box = checked.targets().get(i).prompt().box();
            assertArrayEquals(expected[i], new float[] {box.x0(), box.y0(), box.x1(), box.y1()}, 1e-3f);
        }
    }

    private static String refusal(Path file, Path... pictures) {
        return assertThrows(CliException.class, () -> {
                    BoxesFile boxes = BoxesFile.read(file, List.of(pictures), null);
                    boxes.of(pictures[0]).check(PICTURE, false, () -> false);
                })
                .getMessage();
    }

    private static String images(String... names) {
        StringBuilder text = new StringBuilder("{\"images\":[");
        StringBuilder boxes = new StringBuilder("],\"annotations\":[");
        for (int i = 0; i < names.length; i++) {
            String comma = i == 0 ? "" : ",";
            text.append(comma).append("{\"id\":" + (i + 1) + ",\"file_name\":\"" + names[i] + "\"}");
            boxes.append(comma).append("{\"id\":" + i + ",\"image_id\":" + (i + 1) + ",\"bbox\":[" + i + ",5,10,10]}");
        }
        return text.append(boxes).append("]}").toString();
    }

    @Test
    void aFileThatListsOnlyOtherPicturesIsRefused() {
        String message = refusal(FILES.resolve("coco_noimg.json"), BASE);
        assertTrue(message.contains("lists o.jpg (id 8), not base.png"), message);
        BoxList chosen = BoxesFile.read(FILES.resolve("coco_noimg.json"), List.of(BASE), "8")
                .of(BASE);
        assertBoxes(chosen.check(PICTURE, false, () -> false), new float[] {50, 40, 170, 140});
    }

    @Test
    void aFlatBoxIsNamedAndDoesNotStopTheOthers() {
        BoxList.Checked checked = checked(FILES.resolve("coco_zero.json"), BASE);
        assertBoxes(checked, new float[] {50, 40, 170, 140});
        assertEquals(1, checked.skipped().size());
        assertEquals("annotation 1", checked.skipped().get(0).where());
        assertTrue(checked.skipped().get(0).problem().contains("flat"));
        assertEquals(2, checked.targets().get(0).annotation().asInt());
        assertEquals(3, checked.targets().get(0).category().asInt());
    }

    @Test
    void theSameFileComesBeforeTheSameName() throws IOException {
        Path json = write("coco.json", images("cam1/0001.png", "cam2/0001.png", "other.png"));
        Path second = write("cam2/0001.png", "");
        assertBoxes(checked(json, second), new float[] {1, 5, 11, 15});
        Path elsewhere = write("data/cam2/0001.png", "");
        assertBoxes(checked(json, elsewhere), new float[] {1, 5, 11, 15});
        String message = refusal(write("x.json", images("a/0001.png", "b/0001.png")), Path.of("c", "0001.png"));
        assertTrue(message.contains("a/0001.png (id 1) or b/0001.png (id 2)"), message);
        write("cam1/0001.png", "");
        message = refusal(write("one.json", images("cam1/0001.png")), second);
        assertTrue(message.contains("cam1/0001.png") && message.contains("cam2"), message);
        assertBoxes(checked(json, Path.of("moved", "other.png")), new float[] {2, 5, 12, 15});
        assertBoxes(checked(write("w.json", images("C:\\\\\\\\x\\\\\\\\base.png")), BASE), new float[] {0, 5, 10, 15});
    }

    @Test
    void oneImageForTwoPicturesIsAmbiguous() throws IOException {
        Path json = write("coco.json", images("0001.png"));
        String message = refusal(json, Path.of("cam1", "0001.png"), Path.of("cam2", "0001.png"));
        assertTrue(message.contains("cam1") && message.contains("cam2"), message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "[[0.1,0.2,0.5,0.9],[0,0,1,1]]; normalised",
                "[{\"bbox\":[0.1,0.2,0.3,0.4]}]; normalised",
                "[{\"bbox\":[\"1\",\"2\",\"3\",\"4\"],\"id\":9}]; annotation 9",
                "[{\"segmentation\":{\"size\":[2,2],\"counts\":\"04\"},\"iscrowd\":1,\"id\":9}]; annotation 9: it has no bbox",
                "[{\"bbox\":[1,2,NaN,4],\"id\":9}]; annotation 9: coordinates must be finite",
                "[{\"bbox\":[1,2,1e400,4],\"id\":9}]; annotation 9: coordinates must be finite",
                "[{\"bbox\":[9,9,-5,5],\"id\":9}]; turned around",
                "[[500,1,600,9]]; lies outside the picture of 401x267",
                "[1,2,3,4]; number 0",
                "[[1,2,3,4],{}]; number 1",
                "{\"annotations\":7}; expected a list",
                "{\"images\":[{\"id\":1}],\"annotations\":[]}; file_name",
                "[[1,2,3,4]] x; wrong in line 1",
                "[[1,2,3,4; cut off",
                "[[1,2,3,4]] []; follows"
            })
    void whatIsWrongIsSaid(String json, String expected) throws IOException {
        String message = refusal(write("b.json", json), BASE);
        assertTrue(message.contains("b.json") && message.contains(expected), message);
        assertFalse(message.contains("JsonNode") || message.contains("jackson"), message);
    }

    @Test
    void sizesThatContradictThePictureAreRefused() throws IOException {
        UnaryOperator<String> entry = size -> "{\"images\":[{\"id\":1,\"file_name\":\"base.png\"," + size
                + "}],\"annotations\":" + "[{\"image_id\":1,\"bbox\":[1,2,3,4]}]}";
        assertBoxes(
                checked(write("good.json", entry.apply("\"width\":401,\"height\":267")), BASE),
                new float[] {1, 2, 4, 6});
        String message = refusal(write("bad.json", entry.apply("\"width\":640,\"height\":480")), BASE);
        assertTrue(message.contains("640x480") && message.contains("401x267"), message);
        Path turned = write("turned.json", entry.apply("\"width\":267,\"height\":401"));
        BoxList list = BoxesFile.read(turned, List.of(BASE), null).of(BASE);
        message = assertThrows(CliException.class, () -> list.check(PICTURE, false, () -> true))
                .getMessage();
        assertTrue(message.contains("EXIF") && message.contains("--ignore-exif"), message);
    }

    @Test
    void boxesBeyondTheBorderAreNamedAndClippedIfAsked() throws IOException {
        Path json = write("b.json", "[[10,10,50,50],[-5,-2.5,500,300]]");
        BoxList list = BoxesFile.read(json, List.of(BASE), null).of(BASE);
        BoxList.Checked as = list.check(PICTURE, false, () -> false);
        assertBoxes(as, new float[] {10, 10, 50, 50}, new float[] {-5, -2.5f, 500, 300});
        assertTrue(as.note().contains("number 1 reaches beyond") && as.note().contains("--clip-boxes"), as.note());
        BoxList.Checked clipped = list.check(PICTURE, true, () -> false);
        assertBoxes(clipped, new float[] {10, 10, 50, 50}, new float[] {0, 0, 401, 267});
    }

    @Test
    void nothingFoundIsAnEmptyResult() throws IOException {
        assertBoxes(checked(write("b.json", "[]"), BASE));
        assertBoxes(checked(write("b.txt", "\n"), BASE));
        assertBoxes(checked(
                write("c.json", "{\"annotations\":[],\"images\":[{\"id\":1,\"file_name\":\"base.png\"}]}"), BASE));
    }

    @Test
    void detectionsAreFoundByTheNumberInTheName() throws IOException {
        Path json = write("d.json", "[{\"image_id\":139,\"bbox\":[1,2,3,4]},{\"image_id\":\"b\",\"bbox\":[5,2,3,4]}]");
        assertBoxes(checked(json, Path.of("000000000139.jpg")), new float[] {1, 2, 4, 6});
        assertBoxes(checked(json, Path.of("b.jpg")), new float[] {5, 2, 8, 6});
        assertTrue(refusal(json, BASE).contains("--image-id"));
    }

    @Test
    void labelMe() throws IOException {
        BoxList.Checked checked = checked(FILES.resolve("labelme.json"), BASE);
        assertBoxes(checked, new float[] {50, 40, 170, 140}, new float[] {200, 60, 290, 210});
        assertEquals("b", checked.targets().get(1).category().asText());
        assertTrue(
                refusal(FILES.resolve("labelme.json"), Path.of("other.png")).contains("about base.png, not other.png"));
        Path shapes = write(
                "s.json",
                "{\"imageData\":\"" + "A".repeat(2_000_000) + "\",\"shapes\":["
                        + "{\"shape_type\":\"point\",\"points\":[[7,8]]},"
                        + "{\"shape_type\":\"circle\",\"points\":[[50,50],[53,54]]},"
                        + "{\"label\":\"road\",\"shape_type\":\"linestrip\",\"points\":[[1,1],[9,9]]}]}");
        checked = checked(shapes, BASE);
        assertEquals(
                List.of(new Prompt.Point(7, 8, true)),
                checked.targets().get(0).prompt().points());
        assertEquals(
                new Prompt.Box(45, 45, 55, 55),
                checked.targets().get(1).prompt().box());
        assertTrue(checked.skipped().get(0).where().contains("road"));
    }

    @Test
    void yolo() throws IOException {
        BoxList.Checked checked = checked(FILES.resolve("yolo.txt"), BASE);
        // class cx cy w h: (0.27 - 0.15) * 401, (0.33 - 0.185) * 267, ...
        assertBoxes(
                checked, new float[] {48.12f, 38.715f, 168.42f, 137.505f}, new float[] {200.5f, 66.75f, 280.7f, 200.25f
                });
        assertEquals(1, checked.targets().get(1).category().asInt());
        assertBoxes(
                checked(write("seg.txt", "3 0.1 0.2 0.5 0.2 0.3 0.6\n0 0.5 0.5 0.2 0.2 0.9\n"), BASE),
                new float[] {40.1f, 53.4f, 200.5f, 160.2f},
                new float[] {160.4f, 106.8f, 240.6f, 160.2f});
        assertTrue(refusal(write("px.txt", "0 100 120 30 40"), BASE).contains("fractions"));
        assertTrue(refusal(write("short.txt", "0 0.5 0.5"), BASE).contains("YOLO line"));
        assertTrue(refusal(write("text.txt", "a list of boxes"), BASE).contains("line 1: expected"));
    }

    @Test
    void tables() throws IOException {
        assertBoxes(
                checked(write("p.csv", "10,20,30,40\n11,20,30,40\n"), BASE),
                new float[] {10, 20, 30, 40},
                new float[] {11, 20, 30, 40});
        Path named = write(
                "n.csv",
                "filename,width,height,class,xmin,ymin,xmax,ymax\n"
                        + "a.png,9,9,cat,1,2,3,4\n\"base.png\",401,267,dog,10,20,30,40\nbase.png,401,267,dog,x,20,30,40\n");
        BoxList.Checked checked = checked(named, BASE);
        assertBoxes(checked, new float[] {10, 20, 30, 40});
        assertEquals("dog", checked.targets().get(0).category().asText());
        assertEquals("line 4", checked.skipped().get(0).where());
        assertBoxes(checked(write("s.csv", "x,y,width,height\n10,20,30,40\n"), BASE), new float[] {10, 20, 40, 60});
        assertTrue(refusal(named, Path.of("b.png")).contains("about a.png and others, not b.png"));
        assertTrue(refusal(write("q.csv", "name,size\n1,2"), BASE).contains("xmin,ymin,xmax,ymax"));
    }

    @Test
    void pascalVoc() throws IOException {
        String voc = "<annotation><filename>base.png</filename><size><width>401</width><height>267</height></size>"
                + "<object><name>dog</name><bndbox><xmin>10</xmin><ymin>20</ymin><xmax>30</xmax><ymax>40</ymax>"
                + "</bndbox></object><object><name>cat</name></object></annotation>";
        BoxList.Checked checked = checked(write("v.xml", "<?xml version=\"1.0\"?>\n" + voc), BASE);
        assertBoxes(checked, new float[] {10, 20, 30, 40});
        assertEquals("object 1 (cat)", checked.skipped().get(0).where());
        assertTrue(
                refusal(write("x.xml", voc.replace("</annotation>", "")), BASE).contains("not XML"));
        Path secret = write("secret", "no");
        String entity = "<!DOCTYPE annotation [<!ENTITY x SYSTEM \"" + secret.toUri() + "\">]>";
        String message = refusal(write("e.xml", entity + voc.replace("dog", "&x;")), BASE);
        assertTrue(message.contains("not XML"), message);
    }

    @Test
    void aFolderHasAFileForEachPicture() throws IOException {
        write("labels/a.txt", "0 0.5 0.5 0.5 0.5");
        write("labels/b.json", "[[1,2,3,4]]");
        BoxesFile boxes = BoxesFile.read(folder.resolve("labels"), List.of(Path.of("a.png"), Path.of("c.png")), null);
        assertEquals(1, boxes.of(Path.of("a.png")).size());
        assertEquals(1, boxes.of(Path.of("b.png")).size());
        assertNull(boxes.of(Path.of("c.png")));
    }

    /** Files that claim much are refused or answered without holding it: the heap of the tests is small. */
    @ParameterizedTest
    @ValueSource(strings = {"[],", "[1,2,3,4],", "{},", "[[[[1]]]],", "\"a\",", "{\"a\":[1]},"})
    void longListsAreNotHeld(String element) throws IOException {
        Path file = folder.resolve("long.json");
        try (BufferedWriter out = Files.newBufferedWriter(file)) {
            out.write("[");
            for (int i = 0; i < 3_000_000; i++) {
                out.write(element);
            }
            out.write("[1,2,3,4]]");
        }
        long before = allocated();
        String message = refusal(file, BASE);
        assertTrue(message.contains("long.json"), message);
        long used = allocated() - before;
        assertTrue(used < 4 * Files.size(file) + (64 << 20), used + " bytes for " + Files.size(file));
    }

    private static long allocated() {
        return ((com.sun.management.ThreadMXBean) java.lang.management.ManagementFactory.getThreadMXBean())
                .getCurrentThreadAllocatedBytes();
    }

    @Test
    void collidingNamesAndHugeNumbersAreRefusedOrSkipped() throws IOException {
        StringBuilder names = new StringBuilder("[{\"bbox\":[1,2,3,4]");
        for (int i = 0; i < 1 << 17; i++) {
            names.append(",\"");
            for (int bit = 0; bit < 17; bit++) {
                names.append((i >> bit & 1) == 0 ? "Aa" : "BB");
            }
            names.append("\":0");
        }
        assertBoxes(checked(write("keys.json", names.append("}]").toString()), BASE), new float[] {1, 2, 4, 6});
        String digits = "9".repeat(1_000_000);
        assertTrue(refusal(write("n.json", "[[1,2,3," + digits + "]]"), BASE).contains("digits"));
        assertTrue(refusal(write("d.json", "[".repeat(100_000)), BASE).contains("levels"));
        assertTrue(refusal(write("s.json", "{\"annotations\":[{\"id\":\"" + "x".repeat(2 << 20) + "\"}]}"), BASE)
                .contains("limits"));
    }
}
