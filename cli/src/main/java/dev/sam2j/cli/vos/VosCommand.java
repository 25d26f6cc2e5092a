package dev.sam2j.cli.vos;

import dev.sam2j.cli.options.ModelOptions;
import dev.sam2j.cli.options.OutputOptions;
import dev.sam2j.cli.options.PictureOptions;
import dev.sam2j.cli.terminal.CliException;
import dev.sam2j.cli.terminal.Console;
import dev.sam2j.cli.terminal.ConsoleCommand;
import dev.sam2j.cli.terminal.Failures;
import dev.sam2j.cli.terminal.ProgressLine;
import dev.sam2j.cli.terminal.Stopwatch;
import dev.sam2j.common.io.AtomicFiles;
import dev.sam2j.common.io.StagedFiles;
import dev.sam2j.predictors.Sam2Model;
import dev.sam2j.predictors.image.PictureException;
import dev.sam2j.predictors.video.PictureFrames;
import dev.sam2j.predictors.video.VideoException;
import dev.sam2j.predictors.video.VideoOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code sam2j vos}: the semi-supervised video object segmentation benchmarks. */
@Command(
        name = "vos",
        sortOptions = false,
        description = {
            "Segment the videos of a benchmark (DAVIS, SA-V, ...) from the masks of their first frames.",
            "Reads <frames>/<video>/<frame>.jpg and <masks>/<video>/<frame>.png, writes <output>/<video>/<frame>.png. "
                    + "Takes the model as its YAML says, as the benchmarks' published figures do."
        })
public final class VosCommand extends ConsoleCommand {
    private static final int HOLE_AREA = 8;

    @Option(names = "--frames", paramLabel = "DIR", required = true, description = "A folder of frames per video.")
    private Path frames;

    @Option(names = "--masks", paramLabel = "DIR", required = true, description = "A folder of masks per video.")
    private Path masks;

    @Mixin
    private OutputOptions outputOptions;

    @Option(
            names = "--videos",
            paramLabel = "FILE",
            description = "Names of the videos, one a line (default: all folders in --frames).")
    private Path videoList;

    @Option(
            names = "--per-object",
            description = "Masks are <video>/<object>/<frame>.png and may overlap (SA-V); "
                    + "otherwise <video>/<frame>.png holds the objects' numbers (DAVIS).")
    private boolean perObject;

    @Option(names = "--all-masks", description = "Take all masks that are there, not only the first of each object.")
    private boolean allMasks;

    @Option(
            names = "--late-objects",
            description = "Objects may appear after the first frame; each is tracked from its first mask on.")
    private boolean lateObjects;

    @Option(
            names = "--score-threshold",
            paramLabel = "LOGIT",
            defaultValue = "0",
            description = "Logit above which a pixel belongs to an object (default: 0).")
    private float threshold;

    @Option(
            names = "--apply-postprocessing",
            description = "What the reference's builder adds: fallback for unstable masks, binary prompt memories, "
                    + "holes of up to 8 pixels filled.")
    private boolean applyPostprocessing;

    @Mixin
    private PictureOptions pictureOptions;

    @Mixin
    private ModelOptions modelOptions;

    @Override
    public Integer call() throws IOException {
        Console console = console();
        modelOptions.check();
        modelOptions.prepare();
        if (!Float.isFinite(threshold)) {
            throw CliException.usage("--score-threshold: expected a finite number, got " + threshold);
        }
        if (applyPostprocessing && !modelOptions.postprocessing()) {
            throw CliException.usage("choose one of --apply-postprocessing and --no-postprocessing");
        }
        List<String> videos = VosFolders.videos(frames, videoList, masks);
        Path output = outputOptions.folder();
        VosFolders.requireApart(output, masks, frames);
        VideoOptions video = VideoOptions.BARE
                .withFillHoleArea(applyPostprocessing ? HOLE_AREA : 0)
                .withMaskThreshold(threshold)
                .withStreaming(true);
        VosVideo.Options options = new VosVideo.Options(perObject, allMasks, lateObjects, video);
        try (Sam2Model model = modelOptions.load(console, applyPostprocessing)) {
            AtomicFiles.createFolder(output);
            segment(model, options, videos, console);
        }
        return 0;
    }

    private void segment(Sam2Model model, VosVideo.Options options, List<String> videos, Console console)
            throws IOException {
        int done = 0;
        long all = 0;
        Stopwatch watch = new Stopwatch();
        for (String name : videos) {
            ProgressLine progress = ProgressLine.frames(console, name + " (" + ++done + " of " + videos.size() + ")");
            try {
                VosMasks given = new VosMasks(masks.resolve(name), perObject);
                all += segment(model, options, name, given, progress);
            } catch (VideoException | PictureException | CliException | IOException e) {
                throw CliException.failure(
                        "video " + name + " (" + done + " of " + videos.size() + "): " + Failures.sentence(e), e);
            } finally {
                progress.end();
            }
        }
        double seconds = watch.lap() / 1000;
        console.say(String.format(
                Locale.ROOT,
                "%d videos, %d frames in %.1f s (%.2f frames per second): %s",
                videos.size(),
                all,
                seconds,
                all / seconds,
                outputOptions.folder()));
    }

    /** Masks of a video replace earlier ones when all are there; returns the number of frames. */
    private long segment(Sam2Model model, VosVideo.Options options, String name, VosMasks given, ProgressLine progress)
            throws IOException {
        Path folder = outputOptions.folder().resolve(name);
        try (StagedFiles staged = StagedFiles.into(folder)) {
            VosMasks found = new VosMasks(staged.folder(), perObject);
            PictureFrames pictures = PictureFrames.folder(frames.resolve(name), pictureOptions.options());
            List<String> written = new VosVideo(model, options, pictures, given, found).run(progress);
            staged.commit(new VosMasks(folder, perObject).files(written), null);
            return written.size();
        }
    }
}
