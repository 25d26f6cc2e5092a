package dev.sam2j.training.run;

import dev.sam2j.predictors.model.LoadedModel;
import dev.sam2j.training.TrainingException;
import dev.sam2j.training.TrainingListener;
import dev.sam2j.training.TrainingOptions;
import dev.sam2j.training.TrainingResult;
import dev.sam2j.training.ValidationScores;
import dev.sam2j.weights.checkpoint.BlendedSource;
import dev.sam2j.weights.checkpoint.Checkpoints;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** A run in its folder, from the first look at its state to the report. */
public final class TrainingSession implements AutoCloseable {
    private static final double[] BLENDS = {0.25, 0.5, 0.75};

    private final Setup setup;
    private final Path folder;
    private final String format;
    private final Map<String, String> settings;
    private final RunState state;

    /**
     * Puts a run together.
     *
     * @param folder for everything the run writes; it is made, unless an exception is thrown
     * @param format ending of weights, {@code pt} or {@code safetensors}
     * @param settings in words, all that the weights depend on besides model and data
     * @throws TrainingException if the folder is of another run, one is at work there, or nothing would be trained
     */
    public TrainingSession(
            LoadedModel model,
            DataSets data,
            TrainingOptions options,
            TrainingListener listener,
            Path folder,
            String format,
            Map<String, String> settings) {
        this.folder = folder;
        this.format = format;
        this.settings = Setup.identity(model, data, settings);
        this.settings.put("format", format);
        this.state = new RunState(folder, this.settings);
        if (state.exists()) {
            state.requireSame();
        } else if (RunFiles.areIn(folder)) {
            throw new TrainingException(folder + " holds the weights of another run; take another folder");
        }
        this.setup = new Setup(model, data, options, listener, folder);
    }

    /**
     * Checks that a model can be trained where it is.
     *
     * @throws TrainingException if it cannot
     */
    public static void requireTrainable(LoadedModel model) {
        Setup.trainingBackend(model);
    }

    /** Trains to the end, or until the listener or the clock says stop. */
    public TrainingResult run() {
        plan();
        boolean resumes = state.exists();
        Progress progress = resumes ? resumed() : begun();
        try (RunFiles files = new RunFiles(folder, format, resumes ? progress.step() : -1)) {
            if (!resumes) {
                files.log(0, 0, progress.before(), false);
                // Before any weights, which without a state would count as another run's.
                state.write(setup.parameters(), progress.toMap());
            }
            TrainingRun run = new TrainingRun(setup, state, files, progress);
            run.run();
            say("at most " + MemoryPlan.megabytes(setup.learner().mostUsedBytes()) + " of activations were in use");
            return finish(run, files, progress);
        }
    }

    /** Says what a run would need and how good the weights are before it, shows its prompts, and trains nothing. */
    public ValidationScores check() {
        plan();
        RunCheck check = new RunCheck(setup);
        check.draw(folder.resolve("check"));
        return check.measure();
    }

    private void plan() {
        long trained = setup.trainedValues();
        say(trained + " values in " + setup.parameters().trained().size() + " tensors are trained, in " + setup.steps()
                + " steps of " + setup.stepsPerEpoch() + " an epoch");
        say(setup.plan() + "; features of pictures take up to " + MemoryPlan.megabytes(setup.featureBytes())
                + " on disk");
        if (setup.plan().isTight()) {
            say("that is more than the heap has left, "
                    + MemoryPlan.megabytes(setup.plan().available())
                    + ": give Java more (-Xmx), or less at once (objects at once, batch)");
        }
    }

    private Progress begun() {
        Progress.Scores before = setup.score(setup.model().source(), "validation of the weights before");
        setup.listener().validated(0, before.own(), before.general(), false);
        return new Progress(before);
    }

    private Progress resumed() {
        Progress progress = new Progress(state.read(setup.parameters()));
        Path best = RunFiles.best(folder, format);
        if (progress.bestEpoch() > 0 && Files.notExists(best)) {
            throw new TrainingException(
                    best + ", the best weights of this run so far, is missing; take another folder");
        }
        say("going on after step " + progress.step() + " of " + setup.steps());
        return progress;
    }

    private TrainingResult finish(TrainingRun run, RunFiles files, Progress progress) {
        if (!Files.exists(files.best())) {
            // Nothing was better than the weights before; users still find weights under the name they expect.
            files.write(files.best(), setup.model().source());
        }
        try (Checkpoints.Source best = Checkpoints.open(files.best())) {
            RunReport report = new RunReport(setup, files, progress).curves(run.isFinished());
            if (run.isFinished() && progress.bestEpoch() > 0) {
                report.blends(blends(best, progress));
            }
            report.pictures(best).write(settings);
            double amount = setup.options().blend();
            if (run.isFinished() && amount < 1) {
                files.write(files.blended(), new BlendedSource(setup.model().source(), best, amount));
            }
        }
        return new TrainingResult(
                progress.step(),
                (int) ((progress.step() + setup.stepsPerEpoch() - 1) / setup.stepsPerEpoch()),
                progress.bestEpoch(),
                progress.before().own(),
                progress.best().own(),
                progress.before().general(),
                progress.best().general(),
                setup.options().blend() < 1 && run.isFinished() ? files.blended() : files.best(),
                files.report());
    }

    /** Scores of weights between those before and the best ones, by the amount of the latter. */
    private Map<Double, Progress.Scores> blends(Checkpoints.Source best, Progress progress) {
        Map<Double, Progress.Scores> scores = new LinkedHashMap<>();
        scores.put(0.0, progress.before());
        for (double amount : BLENDS) {
            BlendedSource between = new BlendedSource(setup.model().source(), best, amount);
            scores.put(amount, setup.score(between, "weights " + amount + " of the way"));
        }
        scores.put(1.0, progress.best());
        return scores;
    }

    private void say(String sentence) {
        setup.listener().message(sentence);
    }

    @Override
    public void close() {
        setup.close();
    }
}
