package dev.sam2j.training.run;

import dev.sam2j.tensor.weights.WeightSource;
import dev.sam2j.training.ValidationScores;
import dev.sam2j.training.objective.Losses;
import dev.sam2j.weights.safetensors.Safetensors;
import dev.sam2j.weights.torch.TorchWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The files of a run: weights, the log of steps, the log of validations. */
final class RunFiles implements AutoCloseable {
    /** Ends of files that PyTorch reads; other weights are safetensors. */
    static final String TORCH = "pt";

    private static final List<String> FORMATS = List.of(TORCH, "safetensors");

    private final Path folder;
    private final String format;
    private final CsvLog steps;
    private final CsvLog validations;

    /**
     * Opens the logs.
     *
     * @param format ending of weights, {@code pt} or {@code safetensors}
     * @param lastStep what was logged of later steps is dropped; -1 begins anew
     */
    RunFiles(Path folder, String format, long lastStep) {
        this.folder = folder;
        this.format = format;
        this.steps = new CsvLog(
                folder.resolve("log.csv"),
                lastStep,
                "step",
                "epoch",
                "seconds",
                "rate",
                "loss",
                "mask",
                "dice",
                "iou",
                "object",
                "gradient_norm",
                "absent",
                "objects");
        this.validations = new CsvLog(
                folder.resolve("val.csv"),
                lastStep,
                "step",
                "epoch",
                "objects",
                "click",
                "click_best",
                "click_dice",
                "box",
                "corrected",
                "quality_error",
                "general_click",
                "general_box",
                "general_corrected",
                "best");
    }

    /** The weights of the best validation. */
    Path best() {
        return best(folder, format);
    }

    /** Where the weights of the best validation of a run lie. */
    static Path best(Path folder, String format) {
        return folder.resolve("best." + format);
    }

    /** Whether weights of a run lie in a folder, of any format. */
    static boolean areIn(Path folder) {
        return FORMATS.stream().anyMatch(format -> Files.exists(best(folder, format)));
    }

    /** The weights of the last epoch. */
    Path last() {
        return folder.resolve("last." + format);
    }

    /** The weights between those before and the best ones that were asked for. */
    Path blended() {
        return folder.resolve("blended." + format);
    }

    /** The page about the run. */
    Path report() {
        return folder.resolve("report.html");
    }

    /** Writes weights in the format of the run. */
    void write(Path file, WeightSource weights) {
        if (format.equals(TORCH)) {
            TorchWriter.write(file, weights);
        } else {
            Safetensors.write(file, weights, Map.of("format", TORCH));
        }
    }

    /** Logs a step. */
    void log(long step, double epoch, double seconds, double rate, Learner.Learned learned, double norm) {
        Losses losses = learned.losses();
        steps.add(
                step,
                epoch,
                seconds,
                rate,
                losses.total(),
                losses.mask(),
                losses.dice(),
                losses.iou(),
                losses.object(),
                norm,
                learned.absent(),
                learned.objects());
    }

    /** Logs a validation. */
    void log(long step, int epoch, Progress.Scores scores, boolean best) {
        ValidationScores general = scores.general();
        double[] kept = {Double.NaN, Double.NaN, Double.NaN};
        if (general != null) {
            kept = new double[] {general.click(), general.box(), general.corrected()};
        }
        validations.add(Stream.of(
                        new double[] {step, epoch, scores.own().objects()},
                        Progress.values(scores.own()),
                        kept,
                        new double[] {best ? 1 : 0})
                .flatMapToDouble(Arrays::stream)
                .toArray());
    }

    /** The log of steps. */
    CsvLog steps() {
        return steps;
    }

    /** The log of validations. */
    CsvLog validations() {
        return validations;
    }

    @Override
    public void close() {
        steps.close();
        validations.close();
    }
}
