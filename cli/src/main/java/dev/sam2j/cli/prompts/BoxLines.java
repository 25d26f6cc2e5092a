package dev.sam2j.cli.prompts;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.sam2j.cli.files.InputFile;
import dev.sam2j.cli.terminal.CliException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Boxes from lines of text: YOLO labels, {@code class cx cy w h [confidence]} or {@code class x1 y1 x2 y2 x3 y3 ...}
 * as fractions of the picture; or a table with commas, whose first line names the columns unless it has just the four
 * of {@code x0,y0,x1,y1}.
 */
final class BoxLines {
    private static final int MAX_FIELD = 1000;

    private BoxLines() {}

    /**
     * Reads the boxes.
     *
     * @throws CliException if a line is neither, or the file is about other pictures
     */
    static Map<Path, BoxList> read(InputFile file, List<Path> pictures) {
        String first = BoxesFile.lines(file)
                .filter(line -> !line.isEmpty())
                .findFirst()
                .orElse("");
        if (first.isEmpty() && !file.toString().endsWith(".txt")) {
            throw CliException.failure(file + " is empty");
        }
        if (first.isEmpty()) { // of YOLO labels that means that there are no objects
            return new BoxList(file, false).of(pictures);
        }
        return first.contains(",") ? BoxTable.read(file, pictures) : yolo(file, pictures);
    }

    private static Map<Path, BoxList> yolo(InputFile file, List<Path> pictures) {
        BoxList list = new BoxList(file, true);
        BoxesFile.forEachLine(file, (line, where) -> addYolo(file, line.split("\\s+"), where, list));
        return list.of(pictures);
    }

    private static void addYolo(InputFile file, String[] fields, String where, BoxList list) {
        double[] values = new double[fields.length];
        for (int i = 0; i < fields.length; i++) {
            values[i] = number(fields[i]);
            if (Double.isNaN(values[i]) && !fields[i].toLowerCase(Locale.ROOT).equals("nan")) {
                throw file.failure(where + ": " + BoxesFile.FORMS);
            }
        }
        boolean polygon = values.length >= 7 && values.length % 2 == 1;
        if (!polygon && values.length != 5 && values.length != 6) {
            throw file.failure(where + ": a YOLO line has a class and cx cy w h, with or without a confidence, or a "
                    + "class and at least three corners; got " + values.length + " numbers");
        }
        double[] sides = polygon ? around(values) : centred(values);
        for (double value : polygon ? sides : Arrays.copyOfRange(values, 1, 5)) {
            if (value > 1 || value < 0) {
                list.addProblem(where, null, "expected fractions of the picture from 0 to 1, got " + value);
                return;
            }
        }
        list.add(where, sides, null, category(fields[0]));
    }

    private static double[] centred(double[] values) {
        double x = values[1];
        double y = values[2];
        return new double[] {x - values[3] / 2, y - values[4] / 2, x + values[3] / 2, y + values[4] / 2};
    }

    private static double[] around(double[] values) {
        double[] box = {values[1], values[2], values[1], values[2]};
        for (int i = 3; i < values.length; i += 2) {
            box[0] = Math.min(box[0], values[i]);
            box[1] = Math.min(box[1], values[i + 1]);
            box[2] = Math.max(box[2], values[i]);
            box[3] = Math.max(box[3], values[i + 1]);
        }
        return box;
    }

    /** The value of a field, NaN if it is no number. */
    static double number(String field) {
        try {
            return field.length() > MAX_FIELD ? Double.NaN : Double.parseDouble(field);
        } catch (NumberFormatException e) {
            return Double.NaN;
        }
    }

    /** A class as a number if it is one, or else as text. */
    static JsonNode category(String field) {
        return field.matches("\\d{1,18}")
                ? JsonNodeFactory.instance.numberNode(Long.parseLong(field))
                : JsonNodeFactory.instance.textNode(field);
    }
}
