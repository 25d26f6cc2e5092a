package dev.sam2j.cli.segment;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sam2j.cli.files.InputFile;
import dev.sam2j.cli.files.Json;
import dev.sam2j.cli.files.MaskFormat;
import dev.sam2j.cli.files.PathArgument;
import dev.sam2j.cli.files.ResultFolder;
import dev.sam2j.cli.options.ModelOptions;
import dev.sam2j.cli.options.OutputOptions;
import dev.sam2j.cli.options.PictureInputs;
import dev.sam2j.cli.options.PictureOptions;
import dev.sam2j.cli.prompts.BoxList;
import dev.sam2j.cli.prompts.BoxesFile;
import dev.sam2j.cli.prompts.MaskInput;
import dev.sam2j.cli.prompts.PromptOptions;
import dev.sam2j.cli.terminal.CliException;
import dev.sam2j.cli.terminal.Console;
import dev.sam2j.cli.terminal.ConsoleCommand;
import dev.sam2j.cli.terminal.Failures;
import dev.sam2j.common.io.Sha256;
import dev.sam2j.predictors.PromptException;
import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.image.PictureException;
import dev.sam2j.predictors.mask.coco.CocoMerge;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sam2j segment}: masks of prompted objects in a picture. */
@Command(
        name = "segment",
        sortOptions = false,
        customSynopsis = "sam2j segment IMAGE|FOLDER (--point X,Y | --box X0,Y0,X1,Y1 | ...) --output DIR [OPTIONS]",
        footer = {
            "",
            "Examples:",
            "  sam2j segment samples/shapes.png --point 80,54 --output out",
            "  sam2j segment photo.jpg --model tiny --box 40,30,310,240 --point 90,80,0 -o out",
            "  sam2j segment photo.jpg --model large --boxes detections.json --json -o out",
            "  sam2j segment photos --model tiny --boxes annotations.json --format coco,yolo-seg -o out"
        },
        description = {
            "Segment objects in a picture, or in all pictures of a folder.",
            "Writes mask_<i>.png (0 and 255, the picture's size), overlay.png, cutout.png (with alpha) and result.json."
        })
public final class SegmentCommand extends ConsoleCommand {
    /** Name in {@value ResultFolder#RESULT} of the digest of what it was made from. */
    static final String DIGEST = "made_from";

    @Parameters(
            paramLabel = "IMAGE|FOLDER",
            converter = PathArgument.OrStdin.class,
            description = "A picture, - for one from standard input, or a folder of pictures, each of which gets a "
                    + "folder of results.")
    private Path image;

    @Mixin
    private PromptOptions promptOptions;

    @Mixin
    private MaskOptions maskOptions;

    @Mixin
    private ModelOptions modelOptions;

    @Mixin
    private PictureOptions pictureOptions;

    @Mixin
    private OutputOptions outputOptions;

    @Option(names = "--json", description = "Print result.json to stdout too.")
    private boolean json;

    @Option(
            names = "--logits",
            description =
                    "Write logits.safetensors too: low_res_logits (N,h,w) and iou (N), in the order of the masks.")
    private boolean logits;

    @Option(names = "--recursive", description = "Take the pictures of subfolders too.")
    private boolean recursive;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            split = ",",
            defaultValue = "png,overlay,cutout",
            description = {
                "What to write, several separated by commas (default: ${DEFAULT-VALUE}): png (a picture for each mask), "
                        + "overlay, cutout, coco (data set with compressed RLE), rle (list), polygons (GeoJSON), "
                        + "yolo (lines of boxes), yolo-seg (lines of outlines); all but png have the best mask of "
                        + "each object."
            })
    private Set<MaskFormat> formats;

    private Console console;

    @Override
    public Integer call() throws IOException {
        console = console();
        promptOptions.check(image);
        maskOptions.check();
        modelOptions.check();
        formats = EnumSet.copyOf(formats);
        modelOptions.prepare();
        try (SegmentRun run = new SegmentRun(modelOptions, maskOptions, console)) {
            if (Files.isDirectory(image)) {
                return segmentAll(run) ? 0 : 1;
            }
            BoxesFile boxes = promptOptions.boxes(List.of(image));
            BoxList list = boxes == null ? null : boxes.of(image);
            if (boxes != null && list == null) {
                throw CliException.failure("--boxes: the folder has no file of boxes of " + image);
            }
            segment(run, image, outputOptions.folder(), list, null);
        }
        return 0;
    }

    /** Segments the pictures of a folder that are not finished; false if one failed. */
    private boolean segmentAll(SegmentRun run) throws IOException {
        promptOptions.checkForMany();
        Path output = outputOptions.folder();
        PictureInputs inputs = PictureInputs.of(image, output, recursive, console);
        Map<String, Path> pictures = inputs.pictures();
        ResultFolder.requireWritable(output);
        BoxesFile boxes = promptOptions.boxes(List.copyOf(pictures.values()));
        ObjectNode settings = settings();
        List<CocoMerge.Part> parts = new ArrayList<>();
        int failed = 0;
        int unknown = 0;
        int finished = 0;
        for (Map.Entry<String, Path> entry : pictures.entrySet()) {
            Path file = entry.getValue();
            Path folder = output.resolve(entry.getKey());
            try {
                BoxList list = boxes == null ? null : boxes.of(file);
                if (boxes != null && list == null) {
                    unknown++;
                    continue;
                }
                String digest = digest(settings, file, list);
                if (digest.equals(earlierDigest(folder))) {
                    finished++;
                } else {
                    segment(run, file, folder, list, digest);
                }
                parts.add(new CocoMerge.Part(folder.resolve(MaskFormat.COCO.file()), inputs.name(file)));
            } catch (PictureException | PromptException | CliException e) {
                console.say((e instanceof PromptException ? file + ": " : "") + Failures.sentence(e));
                failed++;
            }
        }
        if (formats.contains(MaskFormat.COCO) && !parts.isEmpty()) {
            CocoMerge.write(output.resolve(MaskFormat.COCO.file()), parts);
        }
        console.count(finished, pictures.size(), "were finished already");
        console.count(unknown, pictures.size(), "are not in the file of boxes and were left out");
        console.count(failed, pictures.size(), "could not be segmented");
        return failed == 0;
    }

    /** What a result is made from, as one number: whoever makes it again gets the same if that is the same. */
    private static String digest(ObjectNode settings, Path picture, BoxList list) {
        StringBuilder all = new StringBuilder(settings.toString());
        if (list != null) {
            list.forEachText(all::append);
        }
        try {
            return Sha256.of(all.append(Sha256.of(picture)).toString());
        } catch (IOException e) {
            throw InputFile.of(picture).unreadable(e);
        }
    }

    /** The digest of an earlier result in a folder, or an empty text. */
    private static String earlierDigest(Path folder) {
        Path file = folder.resolve(ResultFolder.RESULT);
        if (!Files.isRegularFile(file)) {
            return "";
        }
        try {
            return Json.read(file).path(DIGEST).asText();
        } catch (CliException e) {
            return ""; // not of our making
        }
    }

    /** All that results depend on but the picture and its boxes. */
    private ObjectNode settings() throws IOException {
        ObjectNode settings = JsonNodeFactory.instance.objectNode();
        settings.put("model", modelOptions.model());
        settings.put("weights", modelOptions.weights());
        settings.put("postprocessing", modelOptions.postprocessing());
        pictureOptions.addTo(settings);
        maskOptions.addTo(settings);
        promptOptions.addTo(settings);
        settings.put("formats", formats.toString());
        settings.put("logits", logits);
        return settings;
    }

    private void segment(SegmentRun run, Path file, Path target, BoxList list, String digest) throws IOException {
        try (ResultFolder folder = ResultFolder.open(target, file)) {
            Picture picture = pictureOptions.read(file);
            BoxList.Checked asked = promptOptions.targets(picture, list, () -> pictureOptions.turned(file, picture));
            asked.tell(console);
            MaskInput coarse = promptOptions.maskInput(picture, console);
            SegmentWriter writer = new SegmentWriter(folder, file, picture, asked.skipped(), formats, logits);
            SegmentRun.Timings timings = run.answer(picture, asked.targets(), coarse, writer);
            String result = writer.finish(digest, timings);
            folder.commit();
            if (json) {
                console.printJson(result);
            }
            console.say(writer.summary()
                    + String.format(
                            Locale.ROOT,
                            " in %.2f s (load %.2f, encode %.2f, decode %.2f): %s",
                            timings.total() / 1000,
                            timings.load() / 1000,
                            timings.encode() / 1000,
                            timings.decode() / 1000,
                            target));
        }
    }
}
