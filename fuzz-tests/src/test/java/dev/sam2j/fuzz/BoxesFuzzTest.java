package dev.sam2j.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.sam2j.cli.CliParsers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Files of {@code segment --boxes}. */
class BoxesFuzzTest {
    static Stream<Arguments> seeds() {
        return JsonSeeds.small()
                .add("boxes", "[[1,2,30,40],[5,5,6.5,7]]")
                .add(
                        "annotations",
                        "{\"images\":[{\"id\":7,\"file_name\":\"cam1/a.jpg\",\"width\":64,\"height\":48}],"
                                + "\"annotations\":[{\"id\":1,\"image_id\":7,\"category_id\":3,\"bbox\":[1,2,30,40]}],"
                                + "\"categories\":[{\"id\":3,\"name\":\"cat\"}]}")
                .add("detections", "[{\"image_id\":7,\"category_id\":3,\"bbox\":[1,2,30,40],\"score\":0.5}]")
                .add(
                        "LabelMe",
                        "{\"version\":\"5.0\",\"imagePath\":\"a.jpg\",\"imageWidth\":64,\"imageHeight\":48,"
                                + "\"shapes\":[{\"label\":\"cat\",\"shape_type\":\"rectangle\",\"points\":[[1,2],[30,40]]}]}")
                .add(
                        "Pascal VOC",
                        "<annotation><filename>a.jpg</filename><size><width>64</width><height>48</height></size>"
                                + "<object><name>cat</name><bndbox><xmin>1</xmin><ymin>2</ymin><xmax>30</xmax><ymax>40</ymax>"
                                + "</bndbox></object></annotation>")
                .add(
                        "entities",
                        "<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]><annotation><object><name>&b;"
                                + "</name></object></annotation>")
                .add("YOLO", "0 0.5 0.5 0.2 0.3\n1 0.1 0.1 0.3 0.1 0.2 0.4\n")
                .add("a table", "image,x0,y0,x1,y1\na.jpg,1,2,30,40\n")
                .add("escapes in a table", "\u001b[2J\u202e,x0\n\u001b[2J\u202e,1\n")
                .add("escapes in a line", "0 0.5 0.5 \u001b[2J\u202e 0.2\n")
                .add("a flat box", "[{\"image_id\":7,\"id\":\"\\u001b[2J\\u202e\",\"bbox\":[1,2,0,40]}]")
                .add("escapes in a number", "[{\"image_id\":\"\\u001b[2J\\u202e\",\"bbox\":[1,2,\"\\u001b[2J\",40]}]")
                .add(
                        "escapes in file names",
                        "{\"images\":[{\"id\":1,\"file_name\":\"\\u001b[2J\\u202e\"},{\"id\":2,"
                                + "\"file_name\":\"b\"}],\"annotations\":[{\"image_id\":1,\"bbox\":[1,2,3,4]},"
                                + "{\"image_id\":2,\"bbox\":[1,2,3,4]}]}")
                .arrays();
    }

    @MethodSource("seeds")
    @FuzzTest
    void boxes(byte[] file) {
        check(file);
    }

    static Stream<Arguments> large() {
        return JsonSeeds.large()
                .add("1,000,000 boxes", () -> Seeds.repeated("[", "[1,2,3,4],", 1_000_000, "[1,2,3,4]]"))
                .add(
                        "1,000,000 pictures",
                        () -> Seeds.repeated(
                                "{\"images\":[",
                                "{\"id\":1,\"file_name\":\"a.jpg\"},",
                                1_000_000,
                                "{}],\"annotations\":[{\"image_id\":1,\"bbox\":[1,2,3,4]}]}"))
                .add(
                        "1,000,000 annotations of other pictures",
                        () -> Seeds.repeated(
                                "{\"images\":[{\"id\":7,\"file_name\":\"a.jpg\"}],\"annotations\":[",
                                "{\"image_id\":1,\"bbox\":[1,2,3,4]},",
                                1_000_000,
                                "{\"image_id\":7,\"bbox\":[1,2,3,4]}]}"))
                .add("a line of 60 MB", () -> Seeds.repeated("0 ", "0.5 ", 15_000_000, "\n"))
                .add("a field of 60 MB", () -> Seeds.repeated("x0,y0,x1,y1\n", "1", 60_000_000, ",2,3,4\n"))
                .add("1,000,000 lines", () -> Seeds.repeated("", "0 0.5 0.5 0.2 0.3\n", 1_000_000, ""))
                .add("1,000,000 empty lines", () -> Seeds.repeated("", "\n", 1_000_000, "0 0.5 0.5 0.2 0.3\n"))
                .add("nested elements", () -> Seeds.repeated("<annotation>", "<object>", 1_000_000, ""))
                .add("a text of 60 MB in XML", () -> Seeds.repeated("<annotation><object><name>", "a", 60_000_000, ""))
                .add("entities of entities", BoxesFuzzTest::entities)
                .add("attributes", () -> attributes(100_000))
                .suppliers();
    }

    @Tag("large")
    @ParameterizedTest
    @MethodSource
    void large(Supplier<byte[]> file) {
        check(file.get());
    }

    private static byte[] entities() {
        StringBuilder xml = new StringBuilder("<!DOCTYPE a [<!ENTITY e0 \"aaaaaaaaaa\">");
        for (int i = 1; i < 20; i++) {
            String last = "&e" + (i - 1) + ";";
            xml.append("<!ENTITY e")
                    .append(i)
                    .append(" \"")
                    .append(last.repeat(10))
                    .append("\">");
        }
        xml.append("]><annotation><object><name>&e19;</name></object></annotation>");
        return xml.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] attributes(int count) {
        StringBuilder xml = new StringBuilder("<annotation");
        for (int i = 0; i < count; i++) {
            xml.append(" a").append(Seeds.colliding(i, 17)).append("=''");
        }
        return xml.append("/>").toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void check(byte[] file) {
        Budget.check(file, BoxesFuzzTest::read, CliParsers.Refusal.class);
    }

    private static long read(Path file) {
        return 16L * CliParsers.boxes(file);
    }
}
