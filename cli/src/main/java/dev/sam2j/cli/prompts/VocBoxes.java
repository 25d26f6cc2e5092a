package dev.sam2j.cli.prompts;

import dev.sam2j.cli.files.InputFile;
import dev.sam2j.cli.terminal.CliException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/** Boxes from Pascal VOC's XML, taken as written: {@code object} with {@code name} and {@code bndbox}. */
final class VocBoxes {
    private static final List<String> SIDES = List.of("xmin", "ymin", "xmax", "ymax");

    private final InputFile file;
    private final BoxList list;
    private final Map<String, String> values = new HashMap<>();
    private String picture;
    private double width;
    private double height;
    private int number;

    private VocBoxes(InputFile file) {
        this.file = file;
        this.list = new BoxList(file, false);
    }

    /**
     * Reads the boxes.
     *
     * @throws CliException if the file is broken or of another kind, or about another picture
     */
    static Map<Path, BoxList> read(InputFile file, List<Path> pictures) {
        VocBoxes boxes = new VocBoxes(file);
        boxes.read();
        boxes.list.describe(boxes.picture, boxes.width, boxes.height);
        return boxes.list.of(pictures);
    }

    private void read() {
        XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
        // No document types: nothing outside the file is read, and nothing inside it unfolds.
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        try (InputStream in = file.open()) {
            XMLStreamReader xml = factory.createXMLStreamReader(in);
            xml.nextTag();
            if (!xml.getLocalName().equals("annotation")) {
                throw file.failure("it is XML, but not Pascal VOC's, which begins with <annotation>");
            }
            Deque<String> parents = new ArrayDeque<>(List.of("annotation", ""));
            StringBuilder text = new StringBuilder();
            while (xml.hasNext()) {
                switch (xml.next()) {
                    case XMLStreamReader.START_ELEMENT -> {
                        text.setLength(0);
                        parents.push(xml.getLocalName());
                    }
                    case XMLStreamReader.CHARACTERS -> {
                        if (text.length() < 4096) {
                            text.append(xml.getText());
                        }
                    }
                    case XMLStreamReader.END_ELEMENT -> {
                        parents.pop();
                        end(xml.getLocalName(), parents.peek(), text.toString().strip());
                    }
                    default -> text.length();
                }
            }
        } catch (XMLStreamException e) {
            String line = e.getLocation() == null
                    ? ""
                    : ", wrong in line " + e.getLocation().getLineNumber();
            throw CliException.failure(file + " is not XML" + line, e);
        } catch (IOException e) {
            throw file.unreadable(e);
        }
    }

    private void end(String element, String parent, String text) {
        if (element.equals("object")) {
            addObject();
        } else if (parent.equals("annotation") && element.equals("filename") && !text.isEmpty()) {
            picture = text;
        } else if (parent.equals("size") && element.equals("width")) {
            width = Math.max(0, BoxLines.number(text));
        } else if (parent.equals("size") && element.equals("height")) {
            height = Math.max(0, BoxLines.number(text));
        } else if (parent.equals("object") && element.equals("name")
                || parent.equals("bndbox") && SIDES.contains(element)) {
            values.putIfAbsent(element, text);
        }
    }

    private void addObject() {
        String name = values.get("name");
        String where = "object " + number++ + (name == null ? "" : " (" + name + ")");
        double[] box = new double[4];
        boolean good = true;
        for (int i = 0; i < 4; i++) {
            box[i] = BoxLines.number(values.getOrDefault(SIDES.get(i), ""));
            good &= !Double.isNaN(box[i]);
        }
        if (good) {
            list.add(where, box, null, name == null ? null : BoxLines.category(name));
        } else {
            list.addProblem(where, null, "it has no bndbox of four numbers");
        }
        values.clear();
    }
}
