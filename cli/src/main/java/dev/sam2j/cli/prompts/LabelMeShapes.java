package dev.sam2j.cli.prompts;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sam2j.cli.files.InputFile;
import dev.sam2j.cli.files.JsonStream;
import dev.sam2j.cli.terminal.CliException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The shapes of a LabelMe file, one object each: a point is a click, a rectangle, polygon or mask gives the box around
 * it, a circle the box around its radius. Lines have no inside and are named.
 */
final class LabelMeShapes {
    private LabelMeShapes() {}

    /**
     * Reads the shapes.
     *
     * @throws CliException if the file is broken, or about another picture
     */
    static Map<Path, BoxList> read(InputFile file, List<Path> pictures) {
        BoxList list = new BoxList(file, false);
        String name = null;
        double width = 0;
        double height = 0;
        try (JsonStream json = JsonStream.open(file)) {
            for (String key = json.nextField(); key != null; key = json.nextField()) {
                if (key.equals("imagePath") && json.isText()) {
                    name = json.text();
                } else if (key.equals("imageWidth") && json.isNumber()) {
                    width = json.number();
                } else if (key.equals("imageHeight") && json.isNumber()) {
                    height = json.number();
                } else if (key.equals("shapes") && json.isArray()) {
                    for (int number = 0; json.nextElement(); number++) {
                        readShape(json, number, list);
                    }
                } else {
                    json.skip();
                }
            }
            json.end();
        }
        list.describe(name, width, height);
        return list.of(pictures);
    }

    private static void readShape(JsonStream json, int number, BoxList list) {
        if (!json.isObject()) {
            throw json.failure("shape " + number + ": expected an object with points and shape_type");
        }
        JsonNode label = null;
        String type = "polygon";
        Bounds bounds = null;
        for (String key = json.nextField(); key != null; key = json.nextField()) {
            switch (key) {
                case "label" -> label = json.scalar();
                case "shape_type" -> type = json.isText() ? json.text() : "";
                case "points" -> bounds = Bounds.read(json);
                default -> json.skip();
            }
        }
        String where = "shape " + number + (label == null ? "" : " (" + label.asText() + ")");
        double[] xy = bounds == null ? null : bounds.of(type);
        if (xy == null) {
            String problem = bounds == null ? "points: expected [[x,y], ...]" : "a " + type + " has no inside";
            list.addProblem(where, null, problem);
        } else {
            list.add(where, xy, null, label);
        }
    }

    /** What is needed of a shape's points, however many there are. */
    private static final class Bounds {
        private double[] first;
        private double[] second;
        private int count;
        private final double[] box = {
            Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, Double.NEGATIVE_INFINITY
        };

        /** The points of the array that begins here, or null if it is none. */
        static Bounds read(JsonStream json) {
            if (!json.isArray()) {
                json.skip();
                return null;
            }
            Bounds bounds = new Bounds();
            boolean good = true;
            while (json.nextElement()) {
                double[] point = json.numbers(2);
                good &= point != null;
                if (good) {
                    bounds.add(point);
                }
            }
            return good && bounds.count > 0 ? bounds : null;
        }

        private void add(double[] point) {
            first = count == 0 ? point : first;
            second = count == 1 ? point : second;
            count++;
            for (int i = 0; i < 2; i++) {
                box[i] = Math.min(box[i], point[i]);
                box[2 + i] = Math.max(box[2 + i], point[i]);
            }
        }

        /** A point or the corners of a box; null for a shape without an inside. */
        double[] of(String type) {
            return switch (type) {
                case "point" -> first;
                case "rectangle", "polygon", "mask" -> box;
                case "circle" -> second == null ? null : circle();
                default -> null;
            };
        }

        private double[] circle() {
            double radius = Math.hypot(second[0] - first[0], second[1] - first[1]);
            return new double[] {first[0] - radius, first[1] - radius, first[0] + radius, first[1] + radius};
        }
    }
}
