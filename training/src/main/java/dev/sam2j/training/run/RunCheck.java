package dev.sam2j.training.run;

import dev.sam2j.common.io.AtomicFiles;
import dev.sam2j.training.ValidationScores;
import dev.sam2j.training.data.Prefetch;
import dev.sam2j.training.data.TrainingBatch;
import dev.sam2j.training.data.TrainingItem;
import dev.sam2j.training.objective.Click;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;

/** A look at a run before it is made: what it would see, and how long it would take. */
final class RunCheck {
    /** Pictures that are drawn. */
    private static final int SHOWN = 16;

    private final Setup setup;

    RunCheck(Setup setup) {
        this.setup = setup;
    }

    /** Draws the first pictures of the first epoch with the objects and first prompts that it would learn from. */
    void draw(Path folder) {
        int drawn = 0;
        try {
            clear(folder);
            try (Prefetch batches = new Prefetch(setup.sampler().epoch(0), item -> true)) {
                while (batches.hasNext() && drawn < SHOWN) {
                    TrainingBatch batch = batches.next();
                    List<List<Click>> prompts = setup.learner().firstPrompts(batch);
                    int at = 0;
                    for (TrainingItem item : batch.items()
                            .subList(0, Math.min(SHOWN - drawn, batch.items().size()))) {
                        int objects = item.objects().length;
                        write(folder, ++drawn, item, prompts.subList(at, at + objects));
                        at += objects;
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
        setup.listener().message(drawn + " pictures as training sees them, with their first prompts: " + folder);
    }

    /** Makes the folder, without drawings of an earlier check. */
    private static void clear(Path folder) throws IOException {
        AtomicFiles.createFolder(folder);
        try (DirectoryStream<Path> earlier = Files.newDirectoryStream(folder, "[0-9][0-9]_*.png")) {
            for (Path file : earlier) {
                Files.delete(file);
            }
        }
    }

    private static void write(Path folder, int number, TrainingItem item, List<List<Click>> prompts)
            throws IOException {
        String name = item.sample().file().getFileName().toString().replaceFirst("\\.[^.]*$", "");
        BufferedImage image = Drawing.of(item.picture(), item.masks(), prompts);
        Path file = folder.resolve(String.format(Locale.ROOT, "%02d_%s.png", number, name));
        AtomicFiles.write(file, out -> ImageIO.write(image, "png", out));
    }

    /**
     * Scores the weights, makes a step twice, and says how long the run would take. The weights stay as they are.
     *
     * @return the scores
     */
    ValidationScores measure() {
        Features features = setup.features();
        long start = System.nanoTime();
        Progress.Scores scores = setup.score(setup.model().source(), "validation of the weights");
        double validation = (System.nanoTime() - start) / 1e9 - features.encodedSeconds();
        int count = Math.min(setup.options().accumulate(), setup.sampler().batches());
        List<TrainingBatch> batches = setup.sampler().epoch(0).subList(0, count);
        step(batches); // finds features, and makes the code warm
        start = System.nanoTime();
        step(batches);
        tell((System.nanoTime() - start) / 1e9, Math.max(0, validation));
        return scores.own();
    }

    private void step(List<TrainingBatch> batches) {
        setup.parameters().clearGradients();
        setup.learner().learn(batches);
        // At a rate of nothing.
        setup.optimizer().step(0, setup.optimizer().norm(batches.size()), batches.size());
    }

    private void tell(double step, double validation) {
        Features features = setup.features();
        long steps = setup.steps();
        long validations = (steps + setup.stepsPerEpoch() - 1) / setup.stepsPerEpoch();
        long pictures = Math.min(features.room(), Math.max(0, setup.featurePictures() - features.kept()));
        double encoding = features.fastestSeconds();
        double seconds = steps * step + validations * validation + pictures * encoding;
        setup.listener()
                .message(String.format(
                        Locale.ROOT,
                        "about %s for %d steps of %.2f s, %d validations of %.1f s, and up to %d pictures still to be "
                                + "encoded at %.2f s",
                        duration(Math.round(seconds)),
                        steps,
                        step,
                        validations,
                        validation,
                        pictures,
                        encoding));
    }

    private static String duration(long seconds) {
        return String.format(Locale.ROOT, "%d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60);
    }
}
