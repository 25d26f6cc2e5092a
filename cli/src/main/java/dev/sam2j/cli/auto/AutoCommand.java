package dev.sam2j.cli.auto;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sam2j.cli.files.ResultFolder;
import dev.sam2j.cli.options.ModelOptions;
import dev.sam2j.cli.options.OutputOptions;
import dev.sam2j.cli.options.PictureInputs;
import dev.sam2j.cli.options.PictureOptions;
import dev.sam2j.cli.terminal.Console;
import dev.sam2j.cli.terminal.ConsoleCommand;
import dev.sam2j.cli.terminal.ProgressLine;
import dev.sam2j.common.io.AtomicFiles;
import dev.sam2j.common.io.StagedFiles;
import dev.sam2j.predictors.Sam2Model;
import dev.sam2j.predictors.auto.AutomaticMask;
import dev.sam2j.predictors.auto.AutomaticMaskGenerator;
import dev.sam2j.predictors.auto.AutomaticMaskOptions;
import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.image.PictureException;
import dev.sam2j.predictors.mask.coco.CocoMerge;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sam2j auto}: masks of everything in one or many pictures. */
@Command(
        name = "auto",
        sortOptions = false,
        customSynopsis = "sam2j auto IMAGE|FOLDER --output DIR [--format coco,overlay,...] [OPTIONS]",
        footer = {
            "",
            "Examples:",
            "  sam2j auto samples/gears.png --pred-iou-thresh 0.6 --stability-score-thresh 0.85 --output out",
            "  sam2j auto photos --model tiny --format coco,labels,csv --output out",
            "  sam2j auto photo.jpg --model large --crop-n-layers 1 --use-m2m --format polygons -o out"
        },
        description = {
            "Segment everything in a picture or in all pictures of a folder.",
            "A run that was stopped continues where it was: pictures whose results are there are skipped, unless the "
                    + "picture's content, the weights or the settings are others."
        })
public final class AutoCommand extends ConsoleCommand {
    /** The data set of all pictures of a folder. */
    static final String MERGED = "sam2j-auto.coco.json";

    @Parameters(
            paramLabel = "IMAGE|FOLDER",
            description = "A picture (JPEG, PNG, TIFF, WebP, ...) or a folder of them.")
    private Path input;

    @Mixin
    private OutputOptions outputOptions;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            split = ",",
            defaultValue = "coco,overlay",
            description = {
                "What to write, several separated by commas (default: ${DEFAULT-VALUE}): coco (data set with compressed "
                        + "RLE), json (records as the reference's), png (folder of masks), labels (one label PNG), "
                        + "csv, polygons (GeoJSON), overlay (PNG), cutouts (folder of PNGs)."
            })
    private Set<AutoFormat> formats;

    @Option(
            names = "--recursive",
            description = "Take the pictures of subfolders too; their results lie in subfolders of the same names.")
    private boolean recursive;

    @Option(names = "--overwrite", description = "Make all results again, also those that are there.")
    private boolean overwrite;

    @Mixin
    private AutoOptions autoOptions;

    @Mixin
    private ModelOptions modelOptions;

    @Mixin
    private PictureOptions pictureOptions;

    private final Set<String> failed = new HashSet<>();
    private Path output;
    private Console console;
    private PictureInputs inputs;
    private ProgressLine progress;
    private long pointsBefore;
    private AutoFinished finished;

    @Override
    public Integer call() throws IOException {
        console = console();
        output = outputOptions.folder();
        formats = EnumSet.copyOf(formats);
        AutomaticMaskOptions options = autoOptions.toAutomaticMaskOptions();
        modelOptions.check();
        modelOptions.prepare();
        inputs = PictureInputs.of(input, output, recursive, console);
        Map<String, Path> pictures = inputs.pictures();
        ResultFolder.requireWritable(output);
        ObjectNode settings = AutoSettings.of(modelOptions, options, autoOptions.labelOrder());
        pictureOptions.addTo(settings);
        if (!overwrite) {
            AutoSettings.check(output, settings);
        }
        Map<String, Path> open = new LinkedHashMap<>(pictures);
        AutoFinished known = AutoFinished.in(output, settings);
        finished = known;
        if (!overwrite) {
            for (Map.Entry<String, Path> picture : pictures.entrySet()) {
                if (finished.has(picture.getKey(), picture.getValue(), formats)) {
                    open.remove(picture.getKey());
                }
            }
        }
        console.count(pictures.size() - open.size(), pictures.size(), "are finished already");
        if (!overwrite) {
            console.count(
                    open.keySet().stream().filter(this::hasResults).count(),
                    pictures.size(),
                    "have results of other content, settings or versions, which are made again");
        }
        open.keySet().stream()
                .map(name -> output.resolve(name).toAbsolutePath().getParent())
                .distinct()
                .filter(Files::isDirectory)
                .forEach(StagedFiles::removeLeftovers);
        boolean good;
        try (known) {
            good = open.isEmpty() || segment(open, options);
        }
        if (Files.isDirectory(input) && formats.contains(AutoFormat.COCO)) {
            writeMerged();
        }
        return good ? 0 : 1;
    }

    /** Joins the data sets of all pictures but those that have failed. */
    private void writeMerged() throws IOException {
        List<CocoMerge.Part> parts = new ArrayList<>();
        inputs.pictures().forEach((name, file) -> {
            Path part = AutoFormat.COCO.file(output, name);
            if (!failed.contains(name) && Files.exists(part)) {
                parts.add(new CocoMerge.Part(part, inputs.name(file)));
            }
        });
        if (!parts.isEmpty()) {
            CocoMerge.write(output.resolve(MERGED), parts);
        }
    }

    private boolean hasResults(String name) {
        return formats.stream().anyMatch(format -> Files.exists(format.file(output, name)));
    }

    /** Segments pictures; false if one could not be read. */
    private boolean segment(Map<String, Path> pictures, AutomaticMaskOptions options) throws IOException {
        boolean single = pictures.size() == 1;
        progress = ProgressLine.counting(console, "points");
        int left = pictures.size();
        try (Sam2Model model = modelOptions.load(console);
                AutomaticMaskGenerator generator = new AutomaticMaskGenerator(model, options)) {
            for (Map.Entry<String, Path> entry : pictures.entrySet()) {
                try {
                    segment(generator, entry.getKey(), entry.getValue(), left);
                } catch (PictureException e) {
                    if (single) {
                        throw e;
                    }
                    progress.end();
                    console.say(e.getMessage());
                    failed.add(entry.getKey());
                }
                left--;
            }
        }
        console.count(failed.size(), pictures.size(), "could not be read");
        return failed.isEmpty();
    }

    private void segment(AutomaticMaskGenerator generator, String name, Path file, int left) throws IOException {
        long start = System.nanoTime();
        AutoFinished.Content content = AutoFinished.Content.of(file);
        Picture picture = pictureOptions.read(file);
        long[] points = {0};
        List<AutomaticMask> masks = generator.generate(picture, (done, total) -> {
            points[0] = total;
            progress.update(pointsBefore + done, pointsBefore + (long) total * left);
        });
        pointsBefore += points[0];
        finished.begin(name, content);
        for (AutoFormat format : formats) {
            Path result = format.file(output, name);
            AtomicFiles.createFolder(result.getParent());
            format.write(
                    result,
                    inputs.name(file),
                    picture,
                    masks,
                    generator.options().outputMode(),
                    autoOptions.labelOrder());
        }
        finished.add(name, content, formats);
        progress.end();
        console.say(String.format(
                Locale.ROOT,
                "%s: %d masks in %.2f s",
                inputs.name(file),
                masks.size(),
                (System.nanoTime() - start) / 1e9));
    }
}
