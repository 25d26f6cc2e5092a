package dev.sam2j.training;

import dev.sam2j.common.Lifecycle;
import dev.sam2j.common.io.AtomicFiles;
import dev.sam2j.predictors.Sam2Model;
import dev.sam2j.predictors.model.LoadedModel;
import dev.sam2j.training.data.DataSet;
import dev.sam2j.training.run.DataSets;
import dev.sam2j.training.run.TrainingSession;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;

/**
 * Adapts a model to pictures of one's own: the mask decoder and the prompt encoder learn, the picture encoder stays.
 *
 * <pre>{@code
 * try (Sam2Model model = Sam2Model.load("tiny")) {
 *     TrainingData data = TrainingData.coco(Path.of("annotations.json"), Path.of("pictures"));
 *     TrainingResult result = new Trainer(model, data).run(Path.of("run"));
 *     System.out.println(result.best().click() + " instead of " + result.before().click());
 * }
 * }</pre>
 *
 * <p>The folder then holds {@code best.pt} and {@code last.pt}, which this library and the public code of SAM 2 load,
 * {@code log.csv}, {@code val.csv}, and {@code report.html}. A run that was killed or stopped goes on when it is started
 * again with the same folder, model, data and settings; the bytes of its weights are those of a run that never stopped.
 */
public final class Trainer {
    private final Sam2Model model;
    private final TrainingData data;
    private TrainingData validation;
    private TrainingData general;
    private TrainingOptions options = new TrainingOptions();
    private TrainingListener listener = TrainingListener.NONE;
    private String format = "pt";
    private boolean skipsBad;

    /** A trainer of a model, which stays open and as it is, on these pictures. */
    public Trainer(Sam2Model model, TrainingData data) {
        this.model = model;
        this.data = data;
    }

    /** Sets how to train. */
    public Trainer options(TrainingOptions settings) {
        this.options = new TrainingOptions(settings);
        return this;
    }

    /** Sets pictures that validate, instead of a share of those learned from. */
    public Trainer validation(TrainingData pictures) {
        this.validation = pictures;
        return this;
    }

    /** Sets pictures of another kind, to see how much of what the model knew is kept. */
    public Trainer general(TrainingData pictures) {
        this.general = pictures;
        return this;
    }

    /** Sets who hears of the run. */
    public Trainer listener(TrainingListener hearer) {
        this.listener = hearer;
        return this;
    }

    /** Sets the format of weights: {@code pt}, the default, or {@code safetensors}. */
    public Trainer format(String ending) {
        if (!ending.equals("pt") && !ending.equals("safetensors")) {
            throw new IllegalArgumentException("format: expected pt or safetensors, got \"" + ending + "\"");
        }
        this.format = ending;
        return this;
    }

    /** Sets whether pictures and annotations that cannot be used are left out instead of ending everything. */
    public Trainer skipBad(boolean on) {
        this.skipsBad = on;
        return this;
    }

    /**
     * Trains.
     *
     * @param folder for everything that is written; it is made if it is not there
     * @throws TrainingException if the data cannot be used, the folder is of another run, or the loss is not finite any
     *     more
     * @throws UncheckedIOException if the folder cannot be written
     * @throws IllegalStateException if the model has been closed
     */
    public TrainingResult run(Path folder) {
        try (Lifecycle.Use use = LoadedModel.of(model).lifecycle().use();
                TrainingSession session = session(folder)) {
            return session.run();
        }
    }

    /**
     * Looks at the data, says what a run would need, and scores the model as it is; trains nothing.
     *
     * @param folder as for {@link #run}
     * @return the scores on the pictures of validation
     */
    public ValidationScores check(Path folder) {
        try (Lifecycle.Use use = LoadedModel.of(model).lifecycle().use();
                TrainingSession session = session(folder)) {
            return session.check().own();
        }
    }

    private TrainingSession session(Path folder) {
        try {
            AtomicFiles.createFolder(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
        Map<String, String> settings = options.decisive();
        return new TrainingSession(LoadedModel.of(model), dataSets(), options, listener, folder, format, settings);
    }
}
