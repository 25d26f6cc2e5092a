package dev.sam2j.training.run;

import dev.sam2j.training.TrainingException;
import dev.sam2j.training.TrainingListener;
import dev.sam2j.training.TrainingOptions;
import dev.sam2j.training.data.Prefetch;
import dev.sam2j.training.data.TrainingBatch;
import dev.sam2j.training.optim.LearningRates;
import dev.sam2j.training.optim.Optimizer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The loop: epochs of steps, a validation after each, the best weights kept. Everything it does follows from the
 * settings, the seed and its {@link RunState}, so one that was killed goes on as if it had not been.
 */
final class TrainingRun {
    /** How long a killed run may have to repeat. */
    private static final long STATE_NANOS = Duration.ofMinutes(10).toNanos();

    private final Setup setup;
    private final TrainingOptions options;
    private final TrainingListener listener;
    private final RunState state;
    private final RunFiles files;
    private final Progress progress;
    private final int stepsPerEpoch;
    private final long steps;
    private final LearningRates rates;
    private final long started = System.nanoTime();
    private long stateSaved = System.nanoTime();
    private long startedAt;
    private boolean stopped;

    /** A run that has been set up. */
    TrainingRun(Setup setup, RunState state, RunFiles files, Progress progress) {
        this.setup = setup;
        this.state = state;
        this.options = setup.options();
        this.listener = setup.listener();
        this.files = files;
        this.progress = progress;
        this.stepsPerEpoch = setup.stepsPerEpoch();
        this.steps = setup.steps();
        this.rates = new LearningRates(options.learningRate(), steps, options.warmUp());
    }

    /** Runs to the end, or until it is stopped. */
    void run() {
        startedAt = progress.step();
        while (progress.step() < steps && !stopped && !hasConverged()) {
            epoch((int) (progress.step() / stepsPerEpoch));
        }
    }

    /** Whether the run has come to its end, and not only been stopped. */
    boolean isFinished() {
        return progress.step() >= steps || hasConverged();
    }

    private boolean hasConverged() {
        return options.patience() > 0 && progress.epochsWithoutGain() >= options.patience();
    }

    private void epoch(int epoch) {
        List<TrainingBatch> batches = setup.sampler().epoch(epoch);
        int done = (int) (progress.step() % stepsPerEpoch);
        List<TrainingBatch> rest = batches.subList(done * options.accumulate(), batches.size());
        try (Prefetch reader = new Prefetch(rest, setup.features()::needsPicture)) {
            while (reader.hasNext() && progress.step() < steps && !stopped) {
                List<TrainingBatch> together = new ArrayList<>();
                while (reader.hasNext() && together.size() < options.accumulate()) {
                    together.add(reader.next());
                }
                step(together);
            }
        }
        if (isEpochDone()) {
            validate(epoch + 1);
        }
    }

    private void step(List<TrainingBatch> batches) {
        double rate = rates.at(progress.step());
        setup.parameters().clearGradients();
        Learner.Learned learned = setup.learner().learn(batches);
        Optimizer optimizer = setup.optimizer();
        double norm = optimizer.norm(batches.size());
        if (!Double.isFinite(learned.losses().total()) || !Double.isFinite(norm)) {
            files.write(files.last(), setup.parameters());
            throw new TrainingException("step " + (progress.step() + 1) + ": the loss is not a finite number any more ("
                    + learned.losses().total() + ", gradient " + norm + "), with the pictures " + names(batches)
                    + "; " + files.last() + " holds the weights before that step; a lower learning rate may help");
        }
        optimizer.step(rate, norm, batches.size());
        progress.advance();
        double seconds = (System.nanoTime() - started) / 1e9;
        files.log(progress.step(), progress.step() / (double) stepsPerEpoch, seconds, rate, learned, norm);
        long left = steps - progress.step();
        double perStep = seconds / (progress.step() - startedAt);
        listener.step(
                progress.step(), steps, learned.losses().total(), Duration.ofMillis(Math.round(1000 * perStep * left)));
        boolean outOfTime = options.maxHours() > 0 && seconds > 3600 * options.maxHours();
        stopped = listener.isStopped() || outOfTime;
        // At the end of an epoch the state is saved with its validation.
        if (!isEpochDone() && (stopped || System.nanoTime() - stateSaved > STATE_NANOS)) {
            save();
        }
    }

    private boolean isEpochDone() {
        return progress.step() % stepsPerEpoch == 0 || progress.step() >= steps;
    }

    private static String names(List<TrainingBatch> batches) {
        return batches.stream()
                .flatMap(batch -> batch.items().stream())
                .map(item -> item.sample().name())
                .collect(Collectors.joining(", "));
    }

    private void validate(int epoch) {
        Progress.Scores scores = setup.score(setup.parameters(), "validation");
        boolean best = progress.add(epoch, scores);
        files.log(progress.step(), epoch, scores, best);
        // Weights first: a state without its weights could not be gone on from.
        if (best) {
            files.write(files.best(), setup.parameters());
        }
        files.write(files.last(), setup.parameters());
        save();
        listener.validated(epoch, scores.own(), scores.general(), best);
    }

    private void save() {
        state.write(setup.parameters(), progress.toMap());
        stateSaved = System.nanoTime();
    }
}
