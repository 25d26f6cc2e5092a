package dev.sam2j.cli.train;

import dev.sam2j.cli.options.ModelOptions;
import dev.sam2j.cli.options.OutputOptions;
import dev.sam2j.cli.options.PictureOptions;
import dev.sam2j.cli.terminal.CliException;
import dev.sam2j.cli.terminal.Console;
import dev.sam2j.predictors.Sam2Model;
import dev.sam2j.predictors.image.ReadOptions;
import dev.sam2j.training.Trainer;
import dev.sam2j.training.TrainingData;
import dev.sam2j.training.TrainingOptions;
import dev.sam2j.training.TrainingResult;
import dev.sam2j.training.ValidationScores;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code sam2j train}: adapts a model to annotated pictures. */
@Command(
        name = "train",
        sortOptions = false,
        customSynopsis = "sam2j train --data KIND:PATH [--images DIR] --output DIR [OPTIONS]",
        footer = {
            "",
            "Examples:",
            "  sam2j train --data coco:annotations.json --images pictures --model tiny --output run",
            "  sam2j train --data labels:labels --images pictures --check --output run",
            "  sam2j segment new.png --model tiny --checkpoint run/best.pt --point 80,54"
        },
        description = {
            "Fine-tune a model on annotated pictures: the prompt encoder and the mask decoder learn, the picture encoder "
                    + "stays. Writes best.pt, last.pt, log.csv, val.csv and report.html.",
            "A run that was stopped goes on when it is started again with the same folder and settings. See "
                    + "docs/fine-tuning.md."
        })
public final class TrainCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private OutputOptions outputOptions;

    @Mixin
    private DataOptions dataOptions;

    @Mixin
    private PictureOptions pictureOptions;

    @Option(
            names = "--check",
            description = "Train nothing: read all the data, say what is wrong or left out, what a run would need, and "
                    + "how good the model is as it is.")
    private boolean check;

    @Mixin
    private SettingsOptions settingsOptions;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            defaultValue = "pt",
            description =
                    "Format of the weights: pt (the default; PyTorch and the public code read it) or " + "safetensors.")
    private String format;

    @Mixin
    private ModelOptions modelOptions;

    @Override
    public Integer call() {
        Console console = Console.of(spec);
        if (!format.equals("pt") && !format.equals("safetensors")) {
            throw CliException.usage("--format: expected pt or safetensors, got '" + format + "'");
        }
        modelOptions.check();
        ReadOptions reading = pictureOptions.options();
        TrainingData data = dataOptions.training(reading);
        TrainingOptions options = settingsOptions.toOptions(dataOptions.validationShare());
        try (Sam2Model model = modelOptions.load(console);
                TrainingConsole listener = new TrainingConsole(console)) {
            Trainer trainer = new Trainer(model, data)
                    .options(options)
                    .validation(dataOptions.validation(reading))
                    .general(dataOptions.general(reading))
                    .validationList(dataOptions.validationList())
                    .format(format)
                    .listener(listener);
            Path folder = outputOptions.folder();
            if (check) {
                console.print("as it is: " + text(trainer.check(folder)));
            } else {
                print(console, trainer.run(folder));
            }
        }
        return 0;
    }

    private static void print(Console console, TrainingResult result) {
        console.print("before: " + text(result.before()));
        console.print("best:   " + text(result.best())
                + (result.bestEpoch() == 0 ? " (no epoch was better)" : " (epoch " + result.bestEpoch() + ")"));
        if (result.generalBefore() != null) {
            console.print("what it knew, before: " + text(result.generalBefore()));
            console.print("what it knew, best:   " + text(result.generalBest()));
        }
        console.print("weights: " + result.checkpoint());
        console.print("report: " + result.report());
    }

    /** Scores in a line. */
    static String text(ValidationScores scores) {
        return String.format(
                Locale.ROOT,
                "click %.3f, box %.3f, corrected %.3f IoU of %d objects",
                scores.click(),
                scores.box(),
                scores.corrected(),
                scores.objects());
    }
}
