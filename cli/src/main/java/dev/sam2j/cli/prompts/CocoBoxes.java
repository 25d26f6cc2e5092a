package dev.sam2j.cli.prompts;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sam2j.cli.files.InputFile;
import dev.sam2j.cli.files.JsonStream;
import dev.sam2j.cli.terminal.CliException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Boxes of wanted pictures from COCO annotations (an object with {@code images} and {@code annotations}) or detections
 * (a list of objects with {@code image_id} and {@code bbox}). Files are read twice, for the images and for the boxes,
 * and only boxes of wanted pictures are held, so that their size does not matter.
 */
final class CocoBoxes {
    /** Most boxes of all pictures together. */
    private static final int MAX_BOXES = 1_000_000;

    private final InputFile file;
    private final List<Path> pictures;
    private final String imageId;
    private final CocoImages images;
    private final Map<String, BoxList> byId = new HashMap<>();
    private final Map<Path, BoxList> result = new LinkedHashMap<>();
    /** Boxes of the first image_id of a file without images, or null once there is a second. */
    private BoxList lone;

    private String loneId;
    private String otherId;
    private String chosenName;
    private int held;
    private int number;

    private CocoBoxes(InputFile file, List<Path> pictures, String imageId) {
        this.file = file;
        this.pictures = pictures;
        this.imageId = imageId;
        this.images = new CocoImages(file, pictures);
    }

    /**
     * Reads the boxes of wanted pictures.
     *
     * @param imageId the id of the only picture, or null to find pictures by their names
     * @return the boxes of each picture that the file knows, which may be none
     * @throws CliException if the file is broken, knows none of the pictures, or does not say which boxes are whose
     */
    static Map<Path, BoxList> read(InputFile file, List<Path> pictures, String imageId) {
        CocoBoxes boxes = new CocoBoxes(file, pictures, imageId);
        boxes.readImages();
        boxes.choose();
        boxes.readAnnotations();
        return boxes.found();
    }

    private void readImages() {
        try (JsonStream json = JsonStream.open(file)) {
            if (json.isObject()) {
                readLists(json, "images", () -> readImage(json));
                json.end();
            }
        }
    }

    /** Reads the elements of all lists of a name in the object that begins here; whether there is one. */
    private static boolean readLists(JsonStream json, String name, Runnable element) {
        boolean there = false;
        for (String key = json.nextField(); key != null; key = json.nextField()) {
            if (key.equals(name) && json.isArray()) {
                there = true;
                while (json.nextElement()) {
                    element.run();
                }
            } else {
                json.skip();
            }
        }
        return there;
    }

    private void readImage(JsonStream json) {
        if (!json.isObject()) {
            throw json.failure("images: expected objects with id and file_name");
        }
        String id = null;
        String name = null;
        double width = 0;
        double height = 0;
        for (String key = json.nextField(); key != null; key = json.nextField()) {
            switch (key) {
                case "id" -> id = idText(json);
                case "file_name" -> name = idText(json);
                case "width" -> width = json.isNumber() ? json.number() : 0;
                case "height" -> height = json.isNumber() ? json.number() : 0;
                default -> json.skip();
            }
        }
        if (id == null || name == null) {
            throw json.failure("images: each needs an id and a file_name");
        }
        CocoImages.Image image = new CocoImages.Image(id, name, width, height);
        images.add(image);
        if (id.equals(imageId)) {
            chosenName = name;
            list(id).describe(name, width, height);
        }
    }

    private static String idText(JsonStream json) {
        JsonNode id = json.scalar();
        return id == null ? null : id.asText();
    }

    private BoxList list(String id) {
        return byId.computeIfAbsent(id, key -> new BoxList(file, false));
    }

    /** Decides by which ids pictures are known. */
    private void choose() {
        if (imageId != null) {
            if (images.count() > 0 && chosenName == null) {
                throw file.failure("there is no image_id " + imageId + " among its images");
            }
            result.put(pictures.get(0), list(imageId));
            return;
        }
        if (images.count() == 0) {
            // Detectors number pictures by their names where those are numbers.
            pictures.forEach(picture -> nameIds(picture).forEach(this::list));
            return;
        }
        for (Path picture : pictures) {
            CocoImages.Image image =
                    InputFile.isStdin(picture) && images.count() == 1 ? images.first() : images.of(picture);
            if (image != null) {
                list(image.id()).describe(image.name(), image.width(), image.height());
                result.put(picture, list(image.id()));
            }
        }
        if (result.isEmpty()) {
            String others = images.count() == 1 ? "" : " and " + (images.count() - 1) + " more";
            throw file.failure("it lists " + CocoImages.described(images.first()) + others + ", not "
                    + BoxesFile.named(pictures)
                    + (pictures.size() == 1 ? "; if it is one of them, say which with --image-id" : ""));
        }
    }

    /** What detections without a list of images may call a picture: its name without extension, as a number too. */
    private static List<String> nameIds(Path picture) {
        String stem = picture.getFileName().toString().replaceFirst("\\.[^.]*$", "");
        List<String> ids = new ArrayList<>(List.of(stem));
        if (stem.matches("\\d{1,18}")) {
            ids.add(Long.toString(Long.parseLong(stem)));
        }
        return ids;
    }

    private void readAnnotations() {
        try (JsonStream json = JsonStream.open(file)) {
            if (json.isArray()) {
                while (json.nextElement()) {
                    readAnnotation(json);
                }
            } else if (!readLists(json, "annotations", () -> readAnnotation(json))) {
                throw json.failure(BoxesFile.FORMS);
            }
            json.end();
        }
    }

    private void readAnnotation(JsonStream json) {
        if (!json.isObject()) {
            throw json.failure("number " + number + ": " + BoxesFile.FORMS);
        }
        JsonNode id = null;
        JsonNode category = null;
        String image = null;
        double[] box = null;
        String problem = "it has no bbox";
        for (String key = json.nextField(); key != null; key = json.nextField()) {
            switch (key) {
                case "id" -> id = json.scalar();
                case "image_id" -> image = idText(json);
                case "category_id" -> category = json.scalar();
                case "bbox" -> {
                    box = json.numbers(4);
                    problem = "bbox: expected four numbers [x,y,w,h]";
                }
                default -> json.skip();
            }
        }
        BoxList list = listOf(image);
        int place = number++;
        if (list == null) {
            return;
        }
        if (++held > MAX_BOXES) {
            throw json.failure("there are more boxes of these pictures than the limit of " + MAX_BOXES);
        }
        String where = id == null ? "number " + place : "annotation " + id.asText();
        if (box == null) {
            list.addProblem(where, id, problem);
        } else {
            list.add(where, new double[] {box[0], box[1], box[0] + box[2], box[1] + box[3]}, id, category);
        }
    }

    /** Where a box of an image goes; null if nobody wants it. */
    private BoxList listOf(String image) {
        if (images.count() == 0 && imageId == null) {
            if (number == 0) {
                loneId = image;
                lone = new BoxList(file, false);
            } else if (!Objects.equals(image, loneId)) {
                otherId = image == null ? "none" : image;
            }
            if (Objects.equals(image, loneId) && !byId.containsKey(image)) {
                return otherId == null ? lone : null;
            }
        }
        return byId.get(image);
    }

    private Map<Path, BoxList> found() {
        if (images.count() > 0 || imageId != null) {
            if (imageId != null && images.count() == 0 && byId.get(imageId).size() == 0 && number > 0) {
                throw file.failure("there are no boxes of image_id " + imageId + " in it");
            }
            return result;
        }
        for (Path picture : pictures) {
            for (String id : nameIds(picture)) {
                if (byId.get(id).size() > 0) {
                    result.put(picture, byId.get(id));
                }
            }
        }
        if (result.isEmpty() && pictures.size() == 1 && otherId == null) {
            result.put(pictures.get(0), lone == null ? new BoxList(file, false) : lone);
        }
        if (result.isEmpty()) {
            throw file.failure("it has boxes of several pictures (image_id " + loneId + ", " + otherId
                    + " ...), none of which is called "
                    + (pictures.size() == 1
                            ? pictures.get(0).getFileName() + "; choose one with --image-id"
                            : "as these"));
        }
        return result;
    }
}
