package dev.sam2j.cli.prompts;

import dev.sam2j.cli.files.InputFile;
import dev.sam2j.cli.terminal.CliException;
import dev.sam2j.common.io.PrintableText;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Boxes from a table with commas. Its first line names the columns: corners ({@code xmin,ymin,xmax,ymax}, {@code
 * x0,y0,x1,y1} or {@code x1,y1,x2,y2}) or {@code x,y,width,height}, and if wanted {@code filename} and {@code class};
 * without such a line it has just four corners.
 */
final class BoxTable {
    private static final List<List<String>> CORNERS = List.of(
            List.of("xmin", "ymin", "xmax", "ymax"),
            List.of("x_min", "y_min", "x_max", "y_max"),
            List.of("x0", "y0", "x1", "y1"),
            List.of("x1", "y1", "x2", "y2"),
            List.of("left", "top", "right", "bottom"));
    private static final List<List<String>> SIDES = List.of(
            List.of("x", "y", "width", "height"),
            List.of("x", "y", "w", "h"),
            List.of("left", "top", "width", "height"));
    private static final List<String> FILES = List.of("filename", "file_name", "image", "path", "file");
    private static final List<String> CLASSES = List.of("class", "label", "category", "name", "category_id");

    private final InputFile file;
    private final List<Path> pictures;
    private int[] box = {0, 1, 2, 3};
    private boolean corners = true;
    private boolean header;
    private int fileColumn = -1;
    private int classColumn = -1;

    private BoxTable(InputFile file, List<Path> pictures) {
        this.file = file;
        this.pictures = pictures;
    }

    /**
     * Reads the boxes.
     *
     * @throws CliException if columns are missing, or the table is about other pictures
     */
    static Map<Path, BoxList> read(InputFile file, List<Path> pictures) {
        return new BoxTable(file, pictures).read();
    }

    private Map<Path, BoxList> read() {
        CocoImages images = new CocoImages(file, pictures);
        String[] last = {null};
        rows((fields, where) -> {
            String name = fileColumn < 0 || fileColumn >= fields.length ? null : fields[fileColumn];
            if (name != null && !name.equals(last[0])) {
                images.add(new CocoImages.Image(name, name, 0, 0));
                last[0] = name;
            }
        });
        if (fileColumn < 0) {
            BoxList list = new BoxList(file, false);
            rows((fields, where) -> add(fields, where, list));
            return list.of(pictures);
        }
        Map<Path, BoxList> result = new LinkedHashMap<>();
        Map<String, BoxList> byName = new HashMap<>();
        for (Path picture : pictures) {
            CocoImages.Image image = images.of(picture);
            if (image != null) {
                result.put(picture, byName.computeIfAbsent(image.name(), name -> new BoxList(file, false)));
            }
        }
        if (result.isEmpty() && images.count() > 0) {
            throw file.failure("it is about " + images.first().name() + (images.count() > 1 ? " and others" : "")
                    + ", not " + BoxesFile.named(pictures));
        }
        rows((fields, where) -> {
            BoxList list = fileColumn < fields.length ? byName.get(fields[fileColumn]) : null;
            if (list != null) {
                add(fields, where, list);
            }
        });
        return result;
    }

    private void add(String[] fields, String where, BoxList list) {
        double[] values = new double[4];
        for (int i = 0; i < 4; i++) {
            values[i] = box[i] < fields.length ? BoxLines.number(fields[box[i]]) : Double.NaN;
            if (Double.isNaN(values[i])) {
                String shown = Stream.of(fields).limit(4).collect(Collectors.joining(","));
                list.addProblem(where, null, "expected four numbers, got " + PrintableText.shortened(shown));
                return;
            }
        }
        if (!corners) {
            values[2] += values[0];
            values[3] += values[1];
        }
        boolean named = classColumn >= 0 && classColumn < fields.length;
        list.add(where, values, null, named ? BoxLines.category(fields[classColumn]) : null);
    }

    private void rows(BiConsumer<String[], String> row) {
        boolean[] begun = {false};
        BoxesFile.forEachLine(file, (line, where) -> {
            String[] fields = fields(line);
            if (!begun[0]) {
                readHeader(fields, where);
            }
            if (begun[0] || !header) {
                row.accept(fields, where);
            }
            begun[0] = true;
        });
    }

    private void readHeader(String[] fields, String where) {
        if (!Double.isNaN(BoxLines.number(fields[0])) && fields.length == 4) {
            return;
        }
        List<String> names =
                Stream.of(fields).map(field -> field.toLowerCase(Locale.ROOT)).toList();
        header = true;
        List<String> found = first(CORNERS, names);
        corners = found != null;
        found = corners ? found : first(SIDES, names);
        if (found == null) {
            throw file.failure(where + ": expected names of columns, with xmin,ymin,xmax,ymax or "
                    + "x,y,width,height among them, or just four numbers x0,y0,x1,y1");
        }
        box = found.stream().mapToInt(names::indexOf).toArray();
        fileColumn = column(FILES, names);
        classColumn = column(CLASSES, names);
    }

    private static int column(List<String> wanted, List<String> names) {
        return wanted.stream()
                .mapToInt(names::indexOf)
                .filter(i -> i >= 0)
                .findFirst()
                .orElse(-1);
    }

    private static List<String> first(List<List<String>> sets, List<String> names) {
        return sets.stream().filter(names::containsAll).findFirst().orElse(null);
    }

    /** The fields of a line, which may be quoted. */
    private static String[] fields(String line) {
        List<String> fields = new ArrayList<>();
        StringBuilder field = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (c == '"') {
                quoted = !quoted;
            } else if (c == ',' && !quoted) {
                fields.add(field.toString().strip());
                field.setLength(0);
            } else {
                field.append(c);
            }
        }
        fields.add(field.toString().strip());
        return fields.toArray(String[]::new);
    }
}
