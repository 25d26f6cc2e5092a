package dev.sam2j.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sam2j.predictors.Prompt;
import dev.sam2j.predictors.PromptException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Boxes from a JSON file: a plain list {@code [[x0, y0, x1, y1], ...]}, COCO annotations (an object with
 * {@code annotations}, each with {@code bbox} [x, y, width, height]) or COCO detections (a list of objects with
 * {@code bbox}).
 */
final class BoxesFile {
    /** Most boxes of one run. */
    private static final int MAX_BOXES = 100_000;

    private static final String FORMS = "expected a list of [x0,y0,x1,y1], COCO annotations or COCO detections";

    private final Path file;

    private BoxesFile(Path file) {
        this.file = file;
    }

    /**
     * A box and what a COCO file says of it.
     *
     * @param id of the annotation, or null
     * @param category id of the object's class, or null
     */
    record Entry(Prompt.Box box, JsonNode id, JsonNode category) {}

    /**
     * Reads the boxes of a picture.
     *
     * @param picture the picture's file name
     * @param imageId the picture's id, or null to find it by the file name
     * @throws CliException if the file is not of one of the forms, has no boxes of the picture, or one is empty or
     *     outside
     */
    static List<Entry> read(Path file, String picture, String imageId, int width, int height) {
        BoxesFile boxes = new BoxesFile(file);
        List<Entry> entries = boxes.entries(Json.read(file), picture, imageId);
        if (entries.size() > MAX_BOXES) {
            throw boxes.failure(entries.size() + " boxes are more than the limit of " + MAX_BOXES);
        }
        for (int i = 0; i < entries.size(); i++) {
            Prompt.Box box = entries.get(i).box();
            try {
                Prompt.box(box.x0(), box.y0(), box.x1(), box.y1()).requireInside(width, height);
            } catch (PromptException e) {
                throw boxes.failure("number " + i + ", " + e.getMessage());
            }
        }
        return entries;
    }

    private List<Entry> entries(JsonNode root, String picture, String imageId) {
        JsonNode list = root.isObject() ? root.path("annotations") : root;
        if (!list.isArray()) {
            throw failure(FORMS);
        }
        if (list.isEmpty()) {
            throw failure("there are no boxes in it");
        }
        List<Entry> entries = new ArrayList<>();
        if (root.isArray() && list.get(0).isArray()) {
            for (JsonNode box : list) {
                entries.add(new Entry(box(box, entries.size(), false), null, null));
            }
            return entries;
        }
        String wanted = imageId != null ? imageId : pictureId(root, list, picture);
        int number = 0;
        for (JsonNode annotation : list) {
            if (!annotation.isObject()) {
                throw failure("number " + number + ": " + FORMS);
            }
            if (wanted == null || annotation.path("image_id").asText().equals(wanted)) {
                Prompt.Box box = box(annotation.path("bbox"), number, true);
                entries.add(new Entry(box, annotation.get("id"), annotation.get("category_id")));
            }
            number++;
        }
        if (entries.isEmpty()) {
            throw failure("there are no boxes of image_id " + wanted + " in it");
        }
        return entries;
    }

    /** The id of a picture by its file name; null if all boxes are of one picture anyway. */
    private String pictureId(JsonNode root, JsonNode list, String picture) {
        for (JsonNode image : root.path("images")) {
            String name = image.path("file_name").asText();
            if (name.substring(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1)
                    .equals(picture)) {
                return image.path("id").asText();
            }
        }
        Set<String> ids = new LinkedHashSet<>();
        for (JsonNode annotation : list) {
            ids.add(annotation.path("image_id").asText());
        }
        if (ids.size() > 1) {
            throw failure("it has boxes of " + ids.size() + " pictures, none of which is called " + picture
                    + "; choose one with --image-id");
        }
        return null;
    }

    private Prompt.Box box(JsonNode node, int number, boolean xywh) {
        if (!node.isArray() || node.size() != 4) {
            throw failure("number " + number + ": expected four numbers " + (xywh ? "[x,y,w,h]" : "[x0,y0,x1,y1]"));
        }
        double[] values = new double[4];
        for (int i = 0; i < 4; i++) {
            if (!node.get(i).isNumber()) {
                throw failure("number " + number + ": " + node.get(i).getNodeType() + " is not a coordinate");
            }
            values[i] = node.get(i).doubleValue();
        }
        double x1 = xywh ? values[0] + values[2] : values[2];
        double y1 = xywh ? values[1] + values[3] : values[3];
        try {
            return new Prompt.Box((float) values[0], (float) values[1], (float) x1, (float) y1);
        } catch (PromptException e) {
            throw failure("number " + number + ", " + e.getMessage());
        }
    }

    private CliException failure(String problem) {
        return CliException.failure(file + ": " + problem);
    }
}
