package dev.sam2j.cli.prompts;

import dev.sam2j.cli.files.InputFile;
import dev.sam2j.cli.files.JsonStream;
import dev.sam2j.cli.terminal.CliException;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.stream.Stream;

/**
 * Boxes of pictures from a file of any of the forms in use: a plain JSON list {@code [[x0, y0, x1, y1], ...]}, COCO
 * annotations or detections, LabelMe, Pascal VOC, YOLO labels, or a table with commas; or from a folder that has such a
 * file for each picture. What a file is shows in its content, not in its name.
 */
public final class BoxesFile {
    /** What is accepted, for messages. */
    static final String FORMS =
            "expected a list of [x0,y0,x1,y1], COCO annotations or detections, LabelMe, Pascal VOC, "
                    + "YOLO lines or a table with commas";

    /** Most bytes of a line of text: objects have less, and lines are split into fields in memory. */
    private static final int MAX_LINE = 1 << 20;

    private static final List<String> SUFFIXES = List.of(".json", ".txt", ".xml", ".csv");

    private final Path folder;
    private final Map<Path, BoxList> lists;

    private BoxesFile(Path folder, Map<Path, BoxList> lists) {
        this.folder = folder;
        this.lists = lists;
    }

    /**
     * Reads the boxes of pictures, or remembers where those of each are.
     *
     * @param path a file, a folder of files, or {@code -}
     * @param imageId the only picture's id in a COCO file, or null to find pictures by their names
     * @throws CliException if the file is of none of the forms, or knows none of the pictures
     */
    public static BoxesFile read(Path path, List<Path> pictures, String imageId) {
        if (Files.isDirectory(path)) {
            if (imageId != null) {
                throw CliException.usage("--image-id goes with a COCO file, " + path + " is a folder");
            }
            return new BoxesFile(path, Map.of());
        }
        return new BoxesFile(null, lists(InputFile.of(path), pictures, imageId));
    }

    /** The boxes of a picture, or null if nothing is known of it. */
    public BoxList of(Path picture) {
        if (folder == null) {
            return lists.get(picture);
        }
        String name = picture.getFileName().toString();
        String stem = name.contains(".") ? name.substring(0, name.lastIndexOf('.')) : name;
        List<Path> found = SUFFIXES.stream()
                .map(suffix -> folder.resolve(stem + suffix))
                .filter(Files::isRegularFile)
                .toList();
        if (found.size() > 1) {
            throw CliException.failure(
                    "the boxes of " + picture + " may be in " + found.get(0) + " or " + found.get(1));
        }
        return found.isEmpty()
                ? null
                : lists(InputFile.of(found.get(0)), List.of(picture), null).get(picture);
    }

    private static Map<Path, BoxList> lists(InputFile file, List<Path> pictures, String imageId) {
        char first = firstCharacter(file);
        if (first == '[' || first == '{') {
            return jsonLists(file, pictures, imageId);
        }
        if (imageId != null) {
            throw file.failure("--image-id goes with a COCO file, which this is not");
        }
        if (first == '<') {
            return VocBoxes.read(file, pictures);
        }
        return BoxLines.read(file, pictures);
    }

    /** The first character that is no space, after a byte order mark if there is one; a space if there is none. */
    private static char firstCharacter(InputFile file) {
        try (InputStream in = file.open()) {
            String start = new String(in.readNBytes(4096), StandardCharsets.UTF_8)
                    .replace("\uFEFF", "")
                    .strip();
            return start.isEmpty() ? ' ' : start.charAt(0);
        } catch (IOException e) {
            throw file.unreadable(e);
        }
    }

    private static Map<Path, BoxList> jsonLists(InputFile file, List<Path> pictures, String imageId) {
        boolean plain;
        boolean labelMe;
        try (JsonStream json = JsonStream.open(file)) {
            labelMe = json.isObject() && isLabelMe(json);
            plain = !labelMe && json.isArray() && (!json.nextElement() || json.isArray());
        }
        if (labelMe) {
            return LabelMeShapes.read(file, pictures);
        }
        return plain ? plainLists(file, pictures) : CocoBoxes.read(file, pictures, imageId);
    }

    private static boolean isLabelMe(JsonStream json) {
        for (String key = json.nextField(); key != null; key = json.nextField()) {
            if (key.equals("shapes") && json.isArray()) {
                return true;
            }
            json.skip();
        }
        return false;
    }

    private static Map<Path, BoxList> plainLists(InputFile file, List<Path> pictures) {
        BoxList list = new BoxList(file, false);
        try (JsonStream json = JsonStream.open(file)) {
            for (int number = 0; json.nextElement(); number++) {
                if (!json.isArray()) {
                    throw json.failure("number " + number + ": " + FORMS);
                }
                double[] box = json.numbers(4);
                if (box == null) {
                    list.addProblem("number " + number, null, "expected four numbers [x0,y0,x1,y1]");
                } else {
                    list.add("number " + number, box, null, null);
                }
            }
            json.end();
        }
        return list.of(pictures);
    }

    /** The pictures in a sentence about none of them. */
    static String named(List<Path> pictures) {
        return pictures.size() == 1 ? pictures.get(0).toString() : "any of the " + pictures.size() + " pictures";
    }

    /** Gives the lines of a text that are not empty, without spaces around them, and places such as {@code line 7}. */
    static void forEachLine(InputFile file, BiConsumer<String, String> reader) {
        int number = 0;
        for (String line : (Iterable<String>) lines(file)::iterator) {
            number++;
            if (!line.isEmpty()) {
                reader.accept(line, "line " + number);
            }
        }
    }

    /** The lines of a text without spaces around them and without a byte order mark. */
    static Stream<String> lines(InputFile file) {
        byte[] bytes = file.bytes();
        if (new String(bytes, 0, Math.min(bytes.length, 4096), StandardCharsets.ISO_8859_1).indexOf('\0') >= 0) {
            throw file.failure("it is not text; " + FORMS);
        }
        for (int i = 0, start = 0; i < bytes.length; i++) {
            if (bytes[i] == '\n' || bytes[i] == '\r') {
                start = i + 1;
            } else if (i - start == MAX_LINE) {
                throw file.failure("a line is longer than the limit of " + (MAX_LINE >> 20) + " MB");
            }
        }
        return new BufferedReader(new InputStreamReader(new ByteArrayInputStream(bytes), StandardCharsets.UTF_8))
                .lines()
                .map(line -> line.replace("\uFEFF", "").strip());
    }
}
