package dev.sam2j.cli.track;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sam2j.cli.files.InputFile;
import dev.sam2j.cli.files.JsonStream;
import dev.sam2j.cli.terminal.CliException;
import dev.sam2j.predictors.Prompt;
import dev.sam2j.predictors.PromptException;
import dev.sam2j.predictors.video.Propagation;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Steps from a JSON file: an ordered list of objects with {@code op} and what belongs to it. */
public final class StepsFile {
    private static final int MAX_STEPS = 100_000;
    /** Values of one step, enough for the points of a prompt, their lists and labels. */
    private static final int MAX_VALUES = 5 * Prompt.MAX_POINTS;

    private final InputFile file;
    private int number;

    private StepsFile(InputFile file) {
        this.file = file;
    }

    /**
     * Reads the steps, of which one at a time is held as JSON. Names of mask files count from the folder of the file.
     *
     * @throws CliException if the file does not hold such a list; the message names the step
     */
    public static List<TrackStep> read(Path file) {
        return new StepsFile(InputFile.of(file)).steps();
    }

    private List<TrackStep> steps() {
        List<TrackStep> steps = new ArrayList<>();
        try (JsonStream json = JsonStream.open(file)) {
            if (json.isArray()) {
                while (json.nextElement()) {
                    if (number == MAX_STEPS) {
                        throw json.failure("there are more steps than the limit of " + MAX_STEPS);
                    }
                    steps.add(step(json.tree(MAX_VALUES, "step " + number)));
                    number++;
                }
                json.end();
            }
        }
        if (steps.isEmpty()) {
            throw file.failure("expected a list of steps such as "
                    + "{\"op\":\"prompt\",\"frame\":0,\"object\":1,\"points\":[[x,y]],\"labels\":[1]}");
        }
        return steps;
    }

    private TrackStep step(JsonNode step) {
        if (!step.isObject()) {
            throw failure("expected an object, got " + kind(step));
        }
        String op = step.path("op").asText();
        try {
            switch (op) {
                case "prompt":
                    require(step, "frame", "object", "points", "labels", "box", "clearOldPoints");
                    return new TrackStep.Clicks(
                            integer(step, "frame"), object(step), prompt(step), flag(step, "clearOldPoints", true));
                case "mask":
                    require(step, "frame", "object", "file");
                    return new TrackStep.Pixels(integer(step, "frame"), object(step), maskFile(step));
                case "propagate":
                    require(step, "start", "max", "reverse");
                    return new TrackStep.Propagate(range(step));
                case "clear":
                    require(step, "frame", "object");
                    return new TrackStep.Clear(integer(step, "frame"), object(step));
                case "remove":
                    require(step, "object");
                    return new TrackStep.Remove(object(step));
                case "reset":
                    require(step);
                    return new TrackStep.Reset();
                default:
                    throw failure("op: expected prompt, mask, propagate, clear, remove or reset, got '" + op + "'");
            }
        } catch (PromptException e) {
            throw failure(e.getMessage());
        }
    }

    /** Refuses keys that are not known: a misspelt one would silently do nothing. */
    private void require(JsonNode step, String... keys) {
        Set<String> known = Set.of(keys);
        step.fieldNames().forEachRemaining(name -> {
            if (!name.equals("op") && !known.contains(name)) {
                throw failure(
                        "'" + name + "' is not known for op " + step.path("op").asText()
                                + (keys.length == 0 ? "" : ", which takes " + String.join(", ", keys)));
            }
        });
    }

    private Prompt prompt(JsonNode step) {
        Prompt prompt = Prompt.NONE;
        if (step.hasNonNull("box")) {
            double[] box = numbers(step.get("box"), 4, "box: expected [x0,y0,x1,y1]");
            prompt = prompt.withBox(box[0], box[1], box[2], box[3]);
        }
        JsonNode points = step.path("points");
        JsonNode labels = step.path("labels");
        if (!points.isMissingNode() && !points.isArray()) {
            throw failure("points: expected [[x,y], ...]");
        }
        if (!labels.isMissingNode() && (!labels.isArray() || labels.size() != points.size())) {
            throw failure("labels: expected one for each of the " + points.size() + " points");
        }
        List<Prompt.Point> clicks = new ArrayList<>();
        for (int i = 0; i < points.size(); i++) {
            double[] xy = numbers(points.get(i), 2, "points: expected [[x,y], ...]");
            int label = labels.isMissingNode() ? 1 : labels.get(i).asInt(-1);
            if (label != 0 && label != 1) {
                throw failure("labels: expected 1 (on the object) or 0 (beside it), got " + kind(labels.get(i))
                        + (label == 2 || label == 3 ? "; corners of a box go to box" : ""));
            }
            clicks.add(new Prompt.Point((float) xy[0], (float) xy[1], label == 1));
        }
        prompt = prompt.withPoints(clicks);
        if (prompt.box() == null && prompt.points().isEmpty()) {
            throw failure("a prompt needs points or a box");
        }
        if (prompt.box() != null && !flag(step, "clearOldPoints", true)) {
            throw failure("a box comes before all clicks, so clearOldPoints must not be false");
        }
        return prompt;
    }

    private Path maskFile(JsonNode step) {
        if (!step.path("file").isTextual()) {
            throw failure("file: expected the name of a picture");
        }
        try {
            return file.folder().resolve(step.get("file").asText());
        } catch (InvalidPathException e) {
            throw failure("file: " + e.getMessage());
        }
    }

    private Propagation.Range range(JsonNode step) {
        Integer start = step.hasNonNull("start") ? (Integer) integer(step, "start") : null;
        Integer max = step.hasNonNull("max") ? (Integer) integer(step, "max") : null;
        if (max != null && max < 0) {
            throw failure("max: expected 0 or more frames after the first, got " + max);
        }
        return new Propagation.Range(start, max, flag(step, "reverse", false), Propagation.Listener.NONE);
    }

    private double[] numbers(JsonNode node, int count, String expected) {
        if (!node.isArray() || node.size() != count) {
            throw failure(expected);
        }
        double[] values = new double[count];
        for (int i = 0; i < count; i++) {
            if (!node.get(i).isNumber()) {
                throw failure(expected + ", got " + kind(node.get(i)));
            }
            values[i] = node.get(i).doubleValue();
        }
        return values;
    }

    private int integer(JsonNode step, String key) {
        JsonNode value = step.path(key);
        if (!value.isInt()) {
            throw failure(key + ": expected a whole number, got " + kind(value));
        }
        return value.intValue();
    }

    private ObjectName object(JsonNode step) {
        try {
            return ObjectName.of(step.path("object"));
        } catch (IllegalArgumentException e) {
            throw failure("object: " + e.getMessage());
        }
    }

    private boolean flag(JsonNode step, String key, boolean otherwise) {
        JsonNode value = step.path(key);
        if (!value.isMissingNode() && !value.isBoolean()) {
            throw failure(key + ": expected true or false, got " + kind(value));
        }
        return value.isMissingNode() ? otherwise : value.booleanValue();
    }

    /** A value as messages show it. */
    static String kind(JsonNode value) {
        return value.isMissingNode() ? "nothing" : value.toString().length() < 40 ? value.toString() : "something else";
    }

    private CliException failure(String problem) {
        return CliException.failure(file + ", step " + number + ": " + problem);
    }
}
