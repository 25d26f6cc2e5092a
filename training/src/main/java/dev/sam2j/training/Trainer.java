package dev.sam2j.training;

import dev.sam2j.common.Lifecycle;
import dev.sam2j.common.io.AtomicFiles;
import dev.sam2j.predictors.Sam2Model;
import dev.sam2j.predictors.model.LoadedModel;
import dev.sam2j.training.data.DataSet;
import dev.sam2j.training.data.Split;
import dev.sam2j.training.run.DataSets;
import dev.sam2j.training.run.TrainingSession;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

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
 * {@code log.csv}, {@code val.csv}, and {@code report.html}. A run that was killed or stopped goes on when started
 * again with the same folder, model, data and settings; the bytes of its weights are those of a run that never stopped.
 */
public final class Trainer {
    private final Sam2Model model;
    private final TrainingData data;
    private TrainingData validation;
    private Path validationList;
    private TrainingData general;
    private TrainingOptions options = new TrainingOptions();
    private TrainingListener listener = TrainingListener.NONE;
    private String format = "pt";

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

    /** Sets a file that names the pictures that validate, one a line, instead of a share drawn by their names. */
    public Trainer validationList(Path file) {
        this.validationList = file;
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
     * Looks at the data, says what a run would need and how long it would take, draws some pictures with the prompts
     * that training would give into the folder {@code check}, and scores the model as it is; trains nothing.
     *
     * @param folder as for {@link #run}
     * @return the scores on the pictures of validation
     * @throws TrainingException as {@link #run}
     * @throws UncheckedIOException if the folder cannot be written
     */
    public ValidationScores check(Path folder) {
        try (Lifecycle.Use use = LoadedModel.of(model).lifecycle().use();
                TrainingSession session = session(folder)) {
            return session.check();
        }
    }

    private TrainingSession session(Path folder) {
        LoadedModel loaded = LoadedModel.of(model);
        TrainingSession.requireTrainable(loaded);
        requireWritable(folder);
        return new TrainingSession(loaded, dataSets(), options, listener, folder, format, options.decisive());
    }

    /** Refuses a folder that cannot be used before the data are read; it is made when they have been found good. */
    private static void requireWritable(Path folder) {
        Path there = folder.toAbsolutePath().normalize();
        while (Files.notExists(there) && there.getParent() != null) {
            there = there.getParent();
        }
        try {
            AtomicFiles.createFolder(there);
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
    }

    private DataSets dataSets() {
        DataSet all = read("training", data);
        Split split;
        if (validation != null) {
            split = Split.of(all, read("validation", validation));
        } else if (validationList != null) {
            split = Split.byList(all, validationList);
        } else {
            split = Split.byFraction(all, options.validationShare());
        }
        if (split.validation().size() == 0) {
            listener.message("no picture validates: the last weights are taken for the best");
        }
        return new DataSets(split.training(), split.validation(), general == null ? null : read("general", general));
    }

    private DataSet read(String what, TrainingData pictures) {
        int size = model.config().imageSize();
        TrainingData.Checked checked = pictures.withNotices(listener::message)
                .checked(
                        size,
                        options.minArea(),
                        (done, count) -> listener.working("reading pictures: " + what, done, count));
        TrainingData.Summary found = checked.summary();
        listener.message(what + ": " + found.pictures() + " pictures with " + found.objects() + " objects, "
                + found.small() + " small, " + found.medium() + " medium, " + found.large() + " large");
        found.leftOut()
                .forEach((reason, count) -> listener.message("left out of " + what + ": " + count + " " + reason));
        return checked.data();
    }
}
