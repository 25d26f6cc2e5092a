package dev.sam2j.cli.segment;

import dev.sam2j.cli.options.ModelOptions;
import dev.sam2j.cli.prompts.MaskInput;
import dev.sam2j.cli.prompts.PromptOptions;
import dev.sam2j.cli.terminal.Console;
import dev.sam2j.cli.terminal.ProgressLine;
import dev.sam2j.cli.terminal.Stopwatch;
import dev.sam2j.predictors.ImagePredictor;
import dev.sam2j.predictors.PredictOptions;
import dev.sam2j.predictors.Prediction;
import dev.sam2j.predictors.Prompt;
import dev.sam2j.predictors.Sam2Model;
import dev.sam2j.predictors.image.Picture;
import java.io.IOException;
import java.util.List;

/** Answers prompts about one picture after another with one model, which is loaded for the first. */
final class SegmentRun implements AutoCloseable {
    /** Prompts answered at once; the masks of no more than these are held in full. */
    private static final int BATCH = 16;

    private final ModelOptions modelOptions;
    private final MaskOptions maskOptions;
    private final Console console;
    private Sam2Model model;
    private ImagePredictor predictor;

    /**
     * What the steps took, in milliseconds.
     *
     * @param load opening and checking the model, downloading included
     * @param encode looking at the picture; includes reading the encoder's weights
     * @param decode answering all prompts; includes reading the decoder's weights
     */
    record Timings(double load, double encode, double decode) {
        /** All of it. */
        double total() {
            return load + encode + decode;
        }
    }

    SegmentRun(ModelOptions modelOptions, MaskOptions maskOptions, Console console) {
        this.modelOptions = modelOptions;
        this.maskOptions = maskOptions;
        this.console = console;
    }

    /**
     * Answers the prompts about a picture.
     *
     * @param coarse mask of the only object, or null
     * @param writer of the results
     */
    Timings answer(Picture picture, List<PromptOptions.Target> targets, MaskInput coarse, SegmentWriter writer)
            throws IOException {
        Stopwatch watch = new Stopwatch();
        load();
        double load = watch.lap();
        List<Prompt> prompts = prompts(targets, coarse);
        writer.begin(model, modelOptions.note());
        watch.lap();
        predictor.setImage(picture);
        double encode = watch.lap();
        double decode = decode(prompts, targets, writer);
        writer.end(model, console);
        return new Timings(load, encode, decode);
    }

    private void load() {
        if (model == null) {
            model = modelOptions.load(console);
            predictor = model.imagePredictor();
        }
    }

    private List<Prompt> prompts(List<PromptOptions.Target> targets, MaskInput coarse) {
        if (coarse == null) {
            return targets.stream().map(PromptOptions.Target::prompt).toList();
        }
        // The options allow a coarse mask for a single object only.
        return List.of(
                targets.get(0).prompt().withMask(coarse.toLowRes(model.config().lowResMaskSize())));
    }

    /** Answers and writes a batch at a time; returns the milliseconds spent on the answers. */
    private double decode(List<Prompt> prompts, List<PromptOptions.Target> targets, SegmentWriter writer)
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

    @Override
    public void close() {
        if (model != null) {
            predictor.close();
            model.close();
        }
    }
}
