package dev.sam2j.cli.track;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sam2j.cli.files.MaskFormat;
import dev.sam2j.cli.options.ModelOptions;
import dev.sam2j.cli.options.ModelReport;
import dev.sam2j.cli.options.OutputOptions;
import dev.sam2j.cli.options.PictureOptions;
import dev.sam2j.cli.terminal.CliException;
import dev.sam2j.cli.terminal.Console;
import dev.sam2j.cli.terminal.ConsoleCommand;
import dev.sam2j.cli.terminal.Failures;
import dev.sam2j.cli.terminal.Stopwatch;
import dev.sam2j.predictors.Sam2Model;
import dev.sam2j.predictors.image.PictureException;
import dev.sam2j.predictors.video.VideoException;
import dev.sam2j.predictors.video.VideoOptions;
import dev.sam2j.predictors.video.VideoPredictor;
import dev.sam2j.predictors.video.VideoSession;
import dev.sam2j.video.VideoWriter;
import dev.sam2j.video.ffmpeg.Ffmpeg;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sam2j track}: objects through a video. */
@Command(
        name = "track",
        sortOptions = false,
        description = {
            "Track objects through a video.",
            "Writes masks/<frame>.png (palette, pixel = object in the order of first mention), tracks.json and "
                    + "overlay.mp4."
        })
public final class TrackCommand extends ConsoleCommand {
    private static final int DEFAULT_HOLE_AREA = 8;

    @Parameters(paramLabel = "SOURCE", description = "A folder of pictures, a TIFF stack, or a video file.")
    private Path source;

    @Mixin
    private OutputOptions outputOptions;

    @Mixin
    private TrackPromptOptions promptOptions;

    @Option(
            names = "--fill-hole-area",
            paramLabel = "N",
            description = "Fill holes of up to N pixels of the low-resolution mask (default: 8; 0 none).")
    private Integer fillHoleArea;

    @Option(names = "--non-overlapping", description = "Give each pixel to at most one object, the most certain one.")
    private boolean nonOverlapping;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            split = ",",
            defaultValue = "png",
            description =
                    "What to write beside masks/<frame>.png (png, always there), several separated by commas: coco "
                            + "(one data set of all frames), and for each frame rle/, polygons/, yolo/ and yolo-seg/.")
    private Set<MaskFormat> formats;

    @Option(names = "--per-object", description = "Write masks/<object>/<frame>.png (0 and 255) too.")
    private boolean perObject;

    @Option(
            names = "--overlay",
            paramLabel = "KIND",
            description = "video (overlay.mp4, the default), frames (a folder of PNGs) or none.")
    private OverlayMaker.Kind overlay;

    @Option(
            names = "--fps",
            paramLabel = "RATE",
            description =
                    "Frames per second of overlay.mp4 (default: as the video's frames are shown; 24 for a folder).")
    private Double rate;

    @Option(
            names = "--logits",
            description = "Write step<NNN>.safetensors for every frame that a step returns, in order: logits "
                    + "(objects,h,w) at the video's resolution.")
    private boolean logits;

    @Option(
            names = "--strict",
            description = "End a damaged video at its first damage; otherwise what cannot be decoded is passed over.")
    private boolean strict;

    @Mixin
    private PictureOptions pictureOptions;

    @Mixin
    private ModelOptions modelOptions;

    private Console console;

    @Override
    public Integer call() throws IOException {
        console = console();
        modelOptions.check();
        modelOptions.prepare();
        checkOptions();
        List<TrackStep> steps = promptOptions.steps();
        try (TrackSource frames = TrackSource.open(source, pictureOptions.options(), strict, console)) {
            steps.forEach(step -> step.check(frames.frames()));
            OverlayMaker.Kind kind = overlayKind();
            try (TrackFolder folder = TrackFolder.check(outputOptions.folder(), source)) {
                if (frames.damage() != null) {
                    console.say("warning: " + frames.damage() + (strict ? "; tracking goes up to there" : ""));
                }
                track(frames, steps, folder, kind);
            }
        }
        return 0;
    }

    private void track(TrackSource frames, List<TrackStep> steps, TrackFolder folder, OverlayMaker.Kind kind)
            throws IOException {
        TrackObjects objects = new TrackObjects(steps);
        TrackResults results = new TrackResults(folder, frames.frames(), objects, formats, perObject, logits);
        TrackRun run = new TrackRun(steps, objects, results, console);
        ObjectNode report = report(frames);
        ObjectNode timings = JsonNodeFactory.instance.objectNode();
        Throwable failure;
        Stopwatch watch = new Stopwatch();
        try (Sam2Model model = modelOptions.load(console)) {
            timings.put("load", Math.round(watch.lap()));
            ModelReport.begin(model, report);
            folder.make();
            // Marks the folder as one of a tracking, should the process be ended.
            folder.writeTracks(report.deepCopy().put("complete", false));
            try (VideoSession session = new VideoPredictor(model).open(frames.frames(), options(steps))) {
                failure = run.on(session);
                ModelReport.end(model, report, console);
            }
        }
        results.finish();
        timings.put("track", Math.round(watch.lap()));
        run.describe(timings);
        describe(report, run, results, failure, frames);
        report.set("timings", timings);
        folder.writeTracks(report);
        Exception undrawn = null;
        if (kind != OverlayMaker.Kind.NONE && !results.frames().isEmpty()) {
            undrawn = draw(new OverlayMaker(folder, frames, console), kind, results);
            timings.put("overlay", Math.round(watch.lap()));
            folder.writeTracks(report);
        }
        Path place = outputOptions.folder().resolve(folder.commit(failure == null));
        console.say(run.summary() + ": " + place);
        if (failure != null) {
            throw CliException.stopped(
                    "tracking stopped " + run.where() + ": " + Failures.sentence(failure)
                            + "; what was tracked until then is in " + place,
                    failure);
        }
        if (undrawn != null) {
            throw CliException.failure(
                    "the overlay could not be made: " + Failures.sentence(undrawn) + "; masks and " + TrackFolder.TRACKS
                            + " are in " + place,
                    undrawn);
        }
    }

    /** Draws overlays; all else is written before and stays if this fails. Returns what failed, or null. */
    private Exception draw(OverlayMaker maker, OverlayMaker.Kind kind, TrackResults results) {
        try {
            maker.draw(kind, results.frames().firstKey(), results.frames().lastKey(), rate);
            return null;
        } catch (VideoException | PictureException | CliException | IOException e) {
            return e;
        }
    }

    private void checkOptions() {
        if (formats.contains(MaskFormat.OVERLAY) || formats.contains(MaskFormat.CUTOUT)) {
            throw CliException.usage("--format: expected png, coco, rle, polygons, yolo and yolo-seg; overlays are "
                    + "--overlay, and cut-outs are made of pictures only");
        }
        if (fillHoleArea != null && fillHoleArea < 0) {
            throw CliException.usage("--fill-hole-area must not be negative");
        }
        if (fillHoleArea != null && fillHoleArea > 0 && !modelOptions.postprocessing()) {
            throw CliException.usage("--no-postprocessing fills no holes; leave --fill-hole-area out or 0");
        }
        if (rate != null && !(rate >= 1 / VideoWriter.MAX_SECONDS && rate <= VideoWriter.MAX_RATE)) {
            throw CliException.usage("--fps: expected 1/3600 to 90000, got " + rate);
        }
        if (overlay == OverlayMaker.Kind.VIDEO && Ffmpeg.unavailableReason() != null) {
            throw CliException.failure(Ffmpeg.unavailableReason());
        }
    }

    /** Without FFmpeg there can still be pictures, unless a video was asked for. */
    private OverlayMaker.Kind overlayKind() {
        if (overlay == null && Ffmpeg.unavailableReason() != null) {
            console.say("overlays are written as pictures: " + Ffmpeg.unavailableReason());
            return OverlayMaker.Kind.FRAMES;
        }
        return overlay == null ? OverlayMaker.Kind.VIDEO : overlay;
    }

    private VideoOptions options(List<TrackStep> steps) {
        VideoOptions options = modelOptions.postprocessing()
                ? VideoOptions.DEFAULT.withFillHoleArea(fillHoleArea == null ? DEFAULT_HOLE_AREA : fillHoleArea)
                : VideoOptions.BARE;
        return options.withNonOverlappingMasks(nonOverlapping)
                .withLogits(logits)
                .withStreaming(TrackRun.isSinglePass(steps));
    }

    private ObjectNode report(TrackSource frames) {
        ObjectNode report = JsonNodeFactory.instance.objectNode();
        report.put("source", source.toString());
        report.putArray("size").add(frames.frames().width()).add(frames.frames().height());
        report.put("frames", frames.frames().frames());
        if (modelOptions.note() != null) {
            report.put("note", modelOptions.note());
        }
        return report;
    }

    private static void describe(
            ObjectNode report, TrackRun run, TrackResults results, Throwable failure, TrackSource frames) {
        report.put("complete", failure == null);
        if (failure != null) {
            ObjectNode stop = report.putObject("stopped");
            stop.put("where", run.where());
            stop.put("reason", Failures.sentence(failure));
        }
        if (frames.damage() != null) {
            report.put("damage", frames.damage());
        }
        results.describe(report, frames::time);
    }
}
