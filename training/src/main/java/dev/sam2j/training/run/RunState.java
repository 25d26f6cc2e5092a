package dev.sam2j.training.run;

import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Shape;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.training.TrainingException;
import dev.sam2j.training.grad.Parameter;
import dev.sam2j.training.grad.ParameterStore;
import dev.sam2j.weights.file.CheckpointFile;
import dev.sam2j.weights.safetensors.Safetensors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Where a run stands, in a file that is replaced as a whole: the trained parameters, the optimiser's means, and how far
 * the run has come. A run that goes on from it makes the same bytes as one that never stopped.
 */
final class RunState {
    static final String FILE = "state.safetensors";

    private static final String VALUE = "parameter/";
    private static final String MEAN = "adam.m/";
    private static final String SQUARE = "adam.v/";
    private static final String STEPS = "adam.steps/";
    private static final String IDENTITY = "identity.";
    private static final String PROGRESS = "progress.";

    private final Path file;
    private final Map<String, String> identity;

    /**
     * The state of a run in {@code folder}.
     *
     * @param identity everything that the weights depend on: settings, model, data
     */
    RunState(Path folder, Map<String, String> identity) {
        this.file = folder.resolve(FILE);
        this.identity = identity;
    }

    /** Whether there is a state to go on from. */
    boolean exists() {
        return Files.exists(file);
    }

    /**
     * Writes the state.
     *
     * @param progress how far the run has come
     */
    void write(ParameterStore store, Map<String, String> progress) {
        Map<String, Safetensors.Entry> tensors = new LinkedHashMap<>();
        Map<String, String> metadata = new LinkedHashMap<>();
        identity.forEach((name, value) -> metadata.put(IDENTITY + name, value));
        progress.forEach((name, value) -> metadata.put(PROGRESS + name, value));
        for (Parameter parameter : store.trained()) {
            add(tensors, VALUE, parameter, parameter.value());
            metadata.put(STEPS + parameter.name(), Long.toString(parameter.steps()));
            if (parameter.steps() > 0) {
                add(tensors, MEAN, parameter, parameter.mean());
                add(tensors, SQUARE, parameter, parameter.square());
            }
        }
        Safetensors.write(file, tensors, metadata);
    }

    private static void add(Map<String, Safetensors.Entry> tensors, String kind, Parameter parameter, Tensor tensor) {
        Shape shape = parameter.storedShape();
        tensors.put(kind + parameter.name(), new Safetensors.Entry(shape, DType.F32, parameter.read(tensor)));
    }

    /**
     * Reads the state into parameters.
     *
     * @return how far the run had come
     * @throws TrainingException if the state is of a run with other settings, or of other weights or data
     * @throws dev.sam2j.weights.CheckpointException if the file is damaged
     */
    Map<String, String> read(ParameterStore store) {
        try (CheckpointFile open = Safetensors.open(file)) {
            Map<String, String> metadata = open.metadata();
            requireSame(metadata);
            for (Parameter parameter : store.trained()) {
                read(open, VALUE, parameter, parameter.value());
                parameter.setSteps(steps(metadata.get(STEPS + parameter.name())));
                if (parameter.steps() > 0) {
                    read(open, MEAN, parameter, parameter.mean());
                    read(open, SQUARE, parameter, parameter.square());
                }
            }
            Map<String, String> progress = new LinkedHashMap<>();
            metadata.forEach((name, value) -> {
                if (name.startsWith(PROGRESS)) {
                    progress.put(name.substring(PROGRESS.length()), value);
                }
            });
            return progress;
        }
    }

    /**
     * Checks that the state is of this run.
     *
     * @throws TrainingException if it is of a run with other settings, or of other weights or data
     * @throws dev.sam2j.weights.CheckpointException if the file is damaged
     */
    void requireSame() {
        try (CheckpointFile open = Safetensors.open(file)) {
            requireSame(open.metadata());
        }
    }

    private void requireSame(Map<String, String> metadata) {
        identity.forEach((name, value) -> {
            String found = metadata.get(IDENTITY + name);
            if (!value.equals(found)) {
                throw new TrainingException(file + ": the run in this folder has another " + name + " ("
                        + (found == null ? "none" : found) + " instead of " + value
                        + "); take that, or another folder");
            }
        });
    }

    private void read(CheckpointFile open, String kind, Parameter parameter, Tensor tensor) {
        String name = kind + parameter.name();
        if (!open.names().contains(name) || !open.shape(name).equals(parameter.storedShape())) {
            throw new TrainingException(file + ": the state of the run is damaged: " + name + " is missing");
        }
        float[] values = new float[Math.toIntExact(parameter.storedShape().elements())];
        open.read(name, values, 0);
        parameter.write(values, tensor);
    }

    private long steps(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new TrainingException(file + ": the state of the run is damaged: a parameter's steps are missing", e);
        }
    }
}
