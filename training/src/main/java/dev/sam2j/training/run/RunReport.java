package dev.sam2j.training.run;

import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.mask.Mask;
import dev.sam2j.tensor.weights.WeightSource;
import dev.sam2j.training.TrainingException;
import dev.sam2j.training.ValidationScores;
import dev.sam2j.training.data.DataSet;
import dev.sam2j.training.report.TrainingReport;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;
import javax.imageio.ImageIO;

/** Tells a run as a page: what it came to, curves, scores by size, weights between before and after, pictures. */
final class RunReport {
    /** Validation objects below which differences mean little. */
    private static final int FEW_OBJECTS = 20;
    /** Pictures shown as the best, and as many as the worst. */
    private static final int SHOWN = 3;

    private final Setup setup;
    private final RunFiles files;
    private final Progress progress;
    private final TrainingReport report = new TrainingReport("Fine-tuning of " + "SAM 2.1");

    /** A page about a run so far. */
    RunReport(Setup setup, RunFiles files, Progress progress) {
        this.setup = setup;
        this.files = files;
        this.progress = progress;
    }

    /** What the run came to, in a sentence and a table, and its curves. */
    RunReport curves(boolean finished) {
        Progress.Scores before = progress.before();
        Progress.Scores best = progress.best();
        report.paragraph(String.format(
                Locale.ROOT,
                "%s after %d of %d steps. %s",
                finished ? "Finished" : "Under way or stopped",
                progress.step(),
                setup.steps(),
                progress.bestEpoch() == 0
                        ? "No epoch was better than the weights before."
                        : "Epoch " + progress.bestEpoch() + " was the best."));
        if (before.own().objects() < FEW_OBJECTS) {
            report.note("Only " + before.own().objects() + " objects validate: differences of a few hundredths between "
                    + "two rows mean nothing. Give more pictures to validation.");
        }
        List<List<String>> rows = new ArrayList<>();
        rows.add(row("before", before.own()));
        rows.add(row("best weights", best.own()));
        if (before.general() != null) {
            rows.add(row("what it knew, before", before.general()));
            rows.add(row("what it knew, best weights", best.general()));
        }
        report.table("Mean intersection over union", columns("weights"), rows);
        CsvLog steps = files.steps();
        double[] x = steps.column("step");
        double[] rate = steps.column("rate");
        report.noisyChart("Loss", "step", new TrainingReport.Curve("total", x, steps.column("loss")))
                .noisyChart(
                        "Its terms, without their weights",
                        "step",
                        new TrainingReport.Curve("dice", x, steps.column("dice")),
                        new TrainingReport.Curve("quality", x, steps.column("iou")),
                        new TrainingReport.Curve("presence", x, steps.column("object")),
                        new TrainingReport.Curve("focal x 20", x, scaled(steps.column("mask"), 20)));
        CsvLog scores = files.validations();
        double[] epochs = scores.column("epoch");
        report.chart(
                "Validation",
                "epoch",
                true,
                Stream.of("click", "box", "corrected")
                        .map(name -> new TrainingReport.Curve(name, epochs, scores.column(name)))
                        .toArray(TrainingReport.Curve[]::new));
        if (before.general() != null) {
            report.chart(
                    "What it knew",
                    "epoch",
                    true,
                    new TrainingReport.Curve("click", epochs, scores.column("general_click")),
                    new TrainingReport.Curve("box", epochs, scores.column("general_box")));
        }
        report.chart("Learning rate", "step", false, new TrainingReport.Curve("rate", x, rate));
        report.noisyChart(
                "Length of the gradient before clipping",
                "step",
                new TrainingReport.Curve("norm", x, steps.column("gradient_norm")));
        report.charts("Curves");
        return this;
    }

    /** A table of weights between those before (0) and the best ones (1). */
    RunReport blends(Map<Double, Progress.Scores> blends) {
        boolean general = progress.before().general() != null;
        List<String> columns = new ArrayList<>(List.of("weights written with --blend", "click", "box"));
        if (general) {
            columns.addAll(List.of("what it knew: click", "box"));
        }
        List<List<String>> rows = new ArrayList<>();
        blends.forEach((amount, scores) -> {
            List<String> row = new ArrayList<>(List.of(
                    amount == 0 ? "0 (before)" : amount == 1 ? "1 (trained)" : amount.toString(),
                    number(scores.own().click()),
                    number(scores.own().box())));
            if (general) {
                row.add(number(scores.general().click()));
                row.add(number(scores.general().box()));
            }
            rows.add(row);
        });
        report.table("Between old and new weights", columns, rows);
        return this;
    }

    /** The best and the worst pictures of validation: true masks, masks of a click before and after. */
    RunReport pictures(WeightSource best) {
        DataSet data = setup.data().validation();
        List<PictureScore> scores = setup.scorer().score(best, data, (done, all) -> {});
        sizes(scores);
        List<PictureScore> sorted = scores.stream()
                .sorted(Comparator.comparingDouble(PictureScore::score).reversed())
                .toList();
        int ends = Math.min(SHOWN, (sorted.size() + 1) / 2);
        List<Integer> shown = Stream.concat(
                        sorted.stream().limit(ends), sorted.stream().skip(Math.max(ends, sorted.size() - ends)))
                .map(PictureScore::index)
                .toList();
        Map<Integer, List<TrainingReport.Figure>> figures = new LinkedHashMap<>();
        shown.forEach(index -> figures.put(index, new ArrayList<>()));
        setup.scorer().visit(setup.model().source(), data, shown, (index, item, objects) -> {
            String name = item.sample().name();
            figures.get(index).add(figure(item.picture(), item.masks(), name + ": annotated"));
            figures.get(index).add(figure(item.picture(), masks(objects), "a click each, before: " + click(objects)));
        });
        setup.scorer()
                .visit(
                        best,
                        data,
                        shown,
                        (index, item, objects) -> figures.get(index)
                                .add(figure(item.picture(), masks(objects), "after: " + click(objects))));
        report.figures(
                "Best pictures of validation",
                shown.stream()
                        .limit(ends)
                        .flatMap(index -> figures.get(index).stream())
                        .toList());
        report.figures(
                "Worst pictures of validation",
                shown.stream()
                        .skip(ends)
                        .flatMap(index -> figures.get(index).stream())
                        .toList());
        return this;
    }

    /** Adds the settings and writes the page. */
    void write(Map<String, String> settings) {
        report.settings("Settings", settings);
        report.write(files.report());
    }

    private void sizes(List<PictureScore> scores) {
        long pixels = (long) setup.model().config().imageSize()
                * setup.model().config().imageSize();
        List<List<String>> rows = new ArrayList<>();
        addSize(rows, "below 0.1 % of the picture", scores, share -> share < 0.001, pixels);
        addSize(rows, "0.1 to 1 %", scores, share -> share >= 0.001 && share < 0.01, pixels);
        addSize(rows, "1 to 10 %", scores, share -> share >= 0.01 && share < 0.1, pixels);
        addSize(rows, "above 10 %", scores, share -> share >= 0.1, pixels);
        report.table("Best weights by size of the object", columns("objects"), rows);
    }

    private static void addSize(
            List<List<String>> rows, String name, List<PictureScore> scores, Predicate<Double> wanted, long pixels) {
        List<ObjectScore> objects = scores.stream()
                .flatMap(picture -> picture.objects().stream())
                .filter(object -> wanted.test((double) object.area() / pixels))
                .toList();
        if (!objects.isEmpty()) {
            rows.add(row(name, PictureScore.means(objects)));
        }
    }

    private static List<String> columns(String first) {
        return List.of(first, "objects", "click", "best of three", "box", "corrected", "click, Dice", "quality error");
    }

    private static List<String> row(String name, ValidationScores scores) {
        return List.of(
                name,
                Integer.toString(scores.objects()),
                number(scores.click()),
                number(scores.clickBest()),
                number(scores.box()),
                number(scores.corrected()),
                number(scores.clickDice()),
                number(scores.qualityError()));
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.3f", value);
    }

    private static double[] scaled(double[] values, double factor) {
        return Arrays.stream(values).map(value -> factor * value).toArray();
    }

    private static List<Mask> masks(List<Validation.Scored> objects) {
        return objects.stream().map(Validation.Scored::mask).toList();
    }

    private static String click(List<Validation.Scored> objects) {
        return number(objects.stream()
                .mapToDouble(object -> object.score().click())
                .average()
                .orElseThrow());
    }

    private static TrainingReport.Figure figure(Picture picture, List<Mask> masks, String caption) {
        return new TrainingReport.Figure(png(Drawing.of(picture, masks, List.of())), caption);
    }

    private static byte[] png(BufferedImage image) {
        try (ByteArrayOutputStream out = new ByteArrayOutputStream()) {
            ImageIO.write(image, "png", out);
            return out.toByteArray();
        } catch (IOException e) {
            throw new TrainingException("a picture of the report cannot be written", e);
        }
    }
}
