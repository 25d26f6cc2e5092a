package dev.sam2j.cli;

import dev.sam2j.predictors.ImagePredictor;
import dev.sam2j.predictors.PredictOptions;
import dev.sam2j.predictors.Prediction;
import dev.sam2j.predictors.Prompt;
import dev.sam2j.predictors.Sam2Model;
import dev.sam2j.predictors.image.Picture;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sam2j segment}: masks of prompted objects in a picture. */
@Command(
        name = "segment",
        sortOptions = false,
        customSynopsis = "sam2j segment IMAGE (--point X,Y | --box X0,Y0,X1,Y1 | ...) --output DIR [OPTIONS]",
        footer = {
            "",
            "Examples:",
            "  sam2j segment samples/shapes.png --point 80,54 --output out",
            "  sam2j segment photo.jpg --model tiny --box 40,30,310,240 --point 90,80,0 -o out",
            "  sam2j segment photo.jpg --model large --boxes detections.json --json -o out"
        },
        description = {
            "Segment objects in a picture.",
            "Writes mask_<i>.png (0 and 255, the picture's size), overlay.png, cutout.png (with alpha) and result.json."
        })
final class SegmentCommand implements Callable<Integer> {
    /** Prompts answered at once; the masks of no more than these are held in full. */
    private static final int BATCH = 16;

    @Spec
    private CommandSpec spec;

    @Parameters(
            paramLabel = "IMAGE",
            converter = PathArgument.OrStdin.class,
            description = "A picture, or - for one from standard input.")
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

    @Option(
            names = "--logits",
            description =
                    "Write logits.safetensors too: low_res_logits (N,h,w) and iou (N), in the order of the masks.")
    private boolean logits;

    private Console console;

    @Override
    public Integer call() throws IOException {
        console = Console.of(spec);
        promptOptions.check(image);
        maskOptions.check();
        modelOptions.check();
        modelOptions.prepare();
        try (ResultFolder folder = outputOptions.open(image)) {
            Picture picture = pictureOptions.read(image);
            BoxesFile boxes = promptOptions.boxes(List.of(image));
            BoxList.Checked asked = promptOptions.targets(
                    picture, boxes == null ? null : boxes.of(image), () -> pictureOptions.turned(image, picture));
            asked.tell(console);
            List<PromptOptions.Target> targets = asked.targets();
            MaskInput coarse = promptOptions.maskInput(picture, console);
            SegmentWriter writer = new SegmentWriter(folder, picture, asked.skipped(), logits);
            Timings timings = segment(picture, targets, coarse, writer);
            String result = writer.finish(image, modelOptions.note(), timings);
            folder.commit();
            if (outputOptions.json()) {
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
                            outputOptions.folder()));
        }
        return 0;
    }

    private Timings segment(Picture picture, List<PromptOptions.Target> targets, MaskInput coarse, SegmentWriter writer)
            throws IOException {
        if (modelOptions.note() != null) {
            console.say(modelOptions.note());
        }
        Stopwatch watch = new Stopwatch();
        try (Sam2Model model = modelOptions.load(console);
                ImagePredictor predictor = model.imagePredictor()) {
            double load = watch.lap();
            List<Prompt> prompts = prompts(targets, coarse, model);
            writer.begin(model);
            watch.lap();
            predictor.setImage(picture);
            double encode = watch.lap();
            double decode = decode(predictor, prompts, targets, writer);
            writer.end(model, console);
            return new Timings(load, encode, decode);
        }
    }

    private static List<Prompt> prompts(List<PromptOptions.Target> targets, MaskInput coarse, Sam2Model model) {
        if (coarse == null) {
            return targets.stream().map(PromptOptions.Target::prompt).toList();
        }
        // The options allow a coarse mask for a single object only.
        return List.of(
                targets.get(0).prompt().withMask(coarse.toLowRes(model.config().lowResMaskSize())));
    }

    /** Answers and writes a batch at a time; returns the milliseconds spent on the answers. */
    private double decode(
            ImagePredictor predictor, List<Prompt> prompts, List<PromptOptions.Target> targets, SegmentWriter writer)
            throws IOException {
        if (prompts.isEmpty()) {
            return 0; // a detector that found nothing
        }
        PredictOptions options = maskOptions.toPredictOptions(prompts);
        ProgressLine progress = ProgressLine.counting(console, "objects");
        double spent = 0;
        for (int from = 0; from < prompts.size(); from += BATCH) {
            int to = Math.min(from + BATCH, prompts.size());
            Stopwatch watch = new Stopwatch();
            List<Prediction> predictions = predictor.predict(prompts.subList(from, to), options);
            spent += watch.lap();
            for (int i = from; i < to; i++) {
                writer.add(targets.get(i), predictions.get(i - from));
            }
            if (prompts.size() > BATCH) {
                progress.update(to, prompts.size());
            }
        }
        progress.end();
        return spent;
    }
}
