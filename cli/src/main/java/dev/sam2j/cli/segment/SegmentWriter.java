package dev.sam2j.cli.segment;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sam2j.cli.files.Json;
import dev.sam2j.cli.files.MaskClasses;
import dev.sam2j.cli.files.MaskFormat;
import dev.sam2j.cli.files.ResultFolder;
import dev.sam2j.cli.options.ModelReport;
import dev.sam2j.cli.prompts.BoxList;
import dev.sam2j.cli.prompts.MaskInput;
import dev.sam2j.cli.prompts.PromptOptions;
import dev.sam2j.cli.terminal.CliException;
import dev.sam2j.cli.terminal.Console;
import dev.sam2j.common.io.AtomicFiles;
import dev.sam2j.predictors.PredictedMask;
import dev.sam2j.predictors.Prediction;
import dev.sam2j.predictors.Prompt;
import dev.sam2j.predictors.Sam2Model;
import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.image.files.PngFile;
import dev.sam2j.predictors.mask.CocoRle;
import dev.sam2j.predictors.mask.Cutout;
import dev.sam2j.predictors.mask.Mask;
import dev.sam2j.predictors.mask.MaskPng;
import dev.sam2j.predictors.mask.MaskRecord;
import dev.sam2j.predictors.mask.Overlay;
import dev.sam2j.predictors.mask.coco.CocoWriter;
import dev.sam2j.predictors.mask.pixels.Palette;
import dev.sam2j.weights.safetensors.Safetensors;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Writes the files of {@code sam2j segment}. Masks are written as they come and kept run-length encoded, so that
 * hundreds of objects in a large picture do not fill the memory.
 */
final class SegmentWriter {
    private final ResultFolder folder;
    private final Path image;
    private final Picture picture;
    private final List<BoxList.Skipped> skipped;
    private final Set<MaskFormat> formats;
    private final boolean logits;
    private final ObjectNode result = JsonNodeFactory.instance.objectNode();
    private final List<float[]> lowRes = new ArrayList<>();
    private final List<Float> scores = new ArrayList<>();
    private final List<Answer> best = new ArrayList<>();
    private ArrayNode masks;
    private int bestMask;
    private int lowResSize;

    /** The best mask of an object. */
    private record Answer(PromptOptions.Target target, CocoRle mask, float score) {}

    /**
     * A writer of one picture's results.
     *
     * @param image the picture's file
     * @param skipped objects that were asked for in vain
     * @param formats what to write beside {@value ResultFolder#RESULT}
     * @param logits whether to write the low-resolution logits too
     */
    SegmentWriter(
            ResultFolder folder,
            Path image,
            Picture picture,
            List<BoxList.Skipped> skipped,
            Set<MaskFormat> formats,
            boolean logits) {
        this.folder = folder;
        this.image = image;
        this.picture = picture;
        this.skipped = skipped;
        this.formats = formats;
        this.logits = logits;
        result.put("picture", image.toString());
        result.putArray("size").add(picture.width()).add(picture.height());
    }

    /**
     * Notes what computes.
     *
     * @param note what should be known of the model's results, or null
     */
    void begin(Sam2Model model, String note) {
        ModelReport.begin(model, result);
        if (note != null) {
            result.put("note", note);
        }
        masks = result.putArray("masks");
        lowResSize = model.config().lowResMaskSize();
    }

    /** Notes what the device's memory was used for. */
    void end(Sam2Model model, Console console) {
        ModelReport.end(model, result, console);
    }

    /** Writes the masks of one object. */
    void add(PromptOptions.Target target, Prediction prediction) throws IOException {
        int object = best.size();
        for (PredictedMask predicted : prediction.masks()) {
            int number = masks.size();
            bestMask = predicted == prediction.best() ? number : bestMask;
            ObjectNode node = masks.addObject();
            if (formats.contains(MaskFormat.PNG)) {
                String file = "mask_" + number + ".png";
                MaskPng.write(predicted.mask(), folder.file(file));
                node.put("file", file);
            }
            node.put("object", object);
            node.put("best", predicted == prediction.best());
            node.put("score", predicted.score());
            node.put("area", predicted.mask().area());
            node.putPOJO("bbox", predicted.mask().boundingBox().toXywh());
            describe(node, target);
            if (logits) {
                lowRes.add(predicted.lowRes().logits());
                scores.add(predicted.score());
            }
        }
        PredictedMask chosen = prediction.best();
        best.add(new Answer(target, CocoRle.of(chosen.mask()), chosen.score()));
    }

    private static void describe(ObjectNode node, PromptOptions.Target target) {
        Prompt.Box box = target.prompt().box();
        if (box != null) {
            node.putArray("box").add(box.x0()).add(box.y0()).add(box.x1()).add(box.y1());
        }
        if (target.annotation() != null) {
            node.set("annotation_id", target.annotation());
        }
        if (target.category() != null) {
            node.set("category_id", target.category());
        }
    }

    /**
     * Writes everything else and returns the text of {@value ResultFolder#RESULT}.
     *
     * @param digest of all that the result depends on, or null
     */
    String finish(String digest, SegmentRun.Timings timings) throws IOException {
        if (digest != null) {
            result.put(SegmentCommand.DIGEST, digest);
        }
        if (!skipped.isEmpty()) {
            ArrayNode left = result.putArray("skipped");
            skipped.forEach(object -> object.describe(left.addObject()));
        }
        if (formats.contains(MaskFormat.OVERLAY)) {
            drawOverlay();
            result.put("overlay", "overlay.png");
        }
        if (formats.contains(MaskFormat.CUTOUT)) {
            drawCutout();
            result.put("cutout", "cutout.png");
        }
        writeFormats();
        if (logits) {
            writeLogits();
            result.put("logits", ResultFolder.LOGITS);
        }
        ObjectNode times = result.putObject("timings");
        times.put("load", rounded(timings.load()));
        times.put("encode", rounded(timings.encode()));
        times.put("decode", rounded(timings.decode()));
        String text = Json.text(result);
        AtomicFiles.writeString(folder.file(ResultFolder.RESULT), text + "\n");
        return text;
    }

    private static double rounded(double milliseconds) {
        return Math.round(milliseconds * 10) / 10.0;
    }

    /** Writes the best masks in the formats of one file. */
    private void writeFormats() throws IOException {
        MaskClasses classes = MaskClasses.of(
                best.stream().map(answer -> answer.target().category()).collect(Collectors.toList()));
        List<MaskRecord> records = new ArrayList<>();
        for (Answer answer : best) {
            Map<String, Object> properties = new LinkedHashMap<>();
            properties.put("object", records.size());
            JsonNode id = answer.target().annotation();
            if (id != null) {
                properties.put("annotation_id", id.isIntegralNumber() ? (Object) id.asLong() : id.asText());
            }
            properties.put("score", answer.score());
            records.add(
                    new MaskRecord(answer.mask(), classes.number(answer.target().category()), properties));
        }
        Path name = image.getFileName();
        CocoWriter.Image pictured =
                new CocoWriter.Image(1, name == null ? "" : name.toString(), picture.width(), picture.height());
        for (MaskFormat format : formats) {
            if (format.file() != null) {
                format.write(folder.file(format.file()), pictured, records, classes);
                result.withArray("/files").add(format.file());
            }
        }
    }

    /** Draws the best mask of every object, the largest first so that none hides a smaller one, and the prompts. */
    private void drawOverlay() throws IOException {
        Overlay overlay = Overlay.on(picture);
        IntStream.range(0, best.size())
                .boxed()
                .sorted(Comparator.comparingInt(i -> -best.get(i).mask().area()))
                .forEach(i -> overlay.mask(best.get(i).mask().toMask(), Palette.colour(i)));
        for (Answer answer : best) {
            Prompt prompt = answer.target().prompt();
            Prompt.Box box = prompt.box();
            if (box != null) {
                overlay.box(box.x0(), box.y0(), box.x1(), box.y1());
            }
            for (Prompt.Point point : prompt.points()) {
                overlay.point(point.x(), point.y(), point.foreground());
            }
        }
        overlay.toPicture().write(folder.file("overlay.png"));
    }

    /** Cuts out the best masks of all objects together. */
    private void drawCutout() throws IOException {
        Mask all = Mask.empty(picture.width(), picture.height());
        for (Answer answer : best) {
            all = all.or(answer.mask().toMask());
        }
        PngFile.write(Cutout.of(picture, all), folder.file("cutout.png"));
    }

    private void writeLogits() throws IOException {
        int count = lowRes.size();
        int cells = lowResSize * lowResSize;
        if ((long) count * cells > Integer.MAX_VALUE - 8) {
            throw CliException.failure("--logits: " + count + " masks are too many for one file");
        }
        FloatBuffer all = FloatBuffer.allocate(count * cells);
        lowRes.forEach(all::put);
        FloatBuffer iou = FloatBuffer.allocate(count);
        scores.forEach(iou::put);
        Map<String, Safetensors.Entry> tensors = new LinkedHashMap<>();
        tensors.put(MaskInput.LOGITS, Safetensors.Entry.of(all.array(), count, lowResSize, lowResSize));
        tensors.put(MaskInput.SCORES, Safetensors.Entry.of(iou.array(), count));
        Safetensors.write(folder.file(ResultFolder.LOGITS), tensors, Map.of());
    }

    /** What was found, for people. */
    String summary() {
        if (best.isEmpty()) {
            return "no objects";
        }
        if (best.size() > 1) {
            long empty =
                    best.stream().filter(answer -> answer.mask().area() == 0).count();
            return best.size() + " objects" + (empty == 0 ? "" : " (" + empty + " of them without pixels)");
        }
        String name = formats.contains(MaskFormat.PNG) ? "mask_" + bestMask + ".png" : "mask " + bestMask;
        String which = masks.size() == 1 ? name : masks.size() + " masks, best " + name;
        return String.format(
                Locale.ROOT,
                "%s, score %.3f, %d pixels",
                which,
                masks.get(bestMask).path("score").floatValue(),
                best.get(0).mask().area());
    }
}
