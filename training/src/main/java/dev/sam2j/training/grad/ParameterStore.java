package dev.sam2j.training.grad;

import dev.sam2j.WeightsException;
import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Shape;
import dev.sam2j.tensor.Storage;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.training.TrainingBackend;
import dev.sam2j.tensor.weights.WeightSource;
import dev.sam2j.tensor.weights.Weights;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * The weights of a checkpoint while a model is trained. Layers ask for their parameters by path, as with
 * {@link Weights}; those get onto the backend, and what is read from here by name is what they are now. All other
 * tensors are the checkpoint's.
 *
 * <p>It is read by several threads only while nothing is trained.
 */
public final class ParameterStore implements WeightSource, AutoCloseable {
    private final WeightSource source;
    private final TrainingBackend backend;
    private final Predicate<String> trained;
    private final Map<String, Parameter> parameters = new TreeMap<>();
    private final List<Storage> constants = new ArrayList<>();
    private final Weights frozen;

    /**
     * The weights in {@code source}, which stays the caller's, on {@code backend}.
     *
     * @param trained tells by their names in the checkpoint which parameters are trained
     */
    public ParameterStore(WeightSource source, TrainingBackend backend, Predicate<String> trained) {
        this.source = source;
        this.backend = backend;
        this.trained = trained;
        this.frozen = Weights.of(source, backend);
    }

    /** The parameters of a part of the model. */
    public Path root() {
        return new Path("");
    }

    /** The backend that parameters lie on. */
    public TrainingBackend backend() {
        return backend;
    }

    /** The parameters that layers have asked for, by name. */
    public Collection<Parameter> parameters() {
        return Collections.unmodifiableCollection(parameters.values());
    }

    /** Those of them that are trained. */
    public List<Parameter> trained() {
        return parameters.values().stream().filter(Parameter::isTrained).toList();
    }

    /** Begins new sums of gradients. */
    public void clearGradients() {
        trained().forEach(Parameter::clearGradient);
    }

    /** A place in the hierarchy of names. */
    public final class Path {
        private final String prefix;

        private Path(String prefix) {
            this.prefix = prefix;
        }

        /** The place under {@code name}, which may hold several levels separated by dots. */
        public Path at(String name) {
            return new Path(prefix + name + ".");
        }

        /** The place under a list index. */
        public Path at(int index) {
            return at(Integer.toString(index));
        }

        /** A matrix of a linear layer or convolution with this stored shape. */
        public Parameter matrix(String name, int... dims) {
            return parameter(prefix + name, Layout.MATRIX, Shape.of(dims));
        }

        /** A matrix of a transposed convolution, stored as (in, out, 2, 2). */
        public Parameter transposed(String name, int in, int out) {
            return parameter(prefix + name, Layout.TRANSPOSED_CONVOLUTION, Shape.of(in, out, 2, 2));
        }

        /** A tensor of the checkpoint that is never trained, for the host. */
        public dev.sam2j.tensor.weights.Parameter stored(String name, int... dims) {
            return frozen.get(prefix + name, dims);
        }

        /** Values that are made once and stay on the backend. */
        public Tensor constant(float[] values, int... dims) {
            Shape shape = Shape.of(dims);
            Storage storage = backend.allocate(DType.F32, shape.elements());
            constants.add(storage);
            Tensor tensor = Tensor.of(storage, 0, shape);
            backend.upload(values, 0, tensor);
            return tensor;
        }

        /** Values as they are stored. */
        public Parameter vector(String name, int... dims) {
            return parameter(prefix + name, Layout.VECTOR, Shape.of(dims));
        }
    }

    private Parameter parameter(String name, Layout layout, Shape shape) {
        if (!source.names().contains(name) || !source.shape(name).equals(shape)) {
            throw new WeightsException(source.description() + ": expected " + name + " " + shape + ", got "
                    + (source.names().contains(name) ? source.shape(name) : "none"));
        }
        return parameters.computeIfAbsent(name, key -> {
            Parameter parameter = new Parameter(name, shape, layout, trained.test(name), backend);
            float[] values = new float[Math.toIntExact(shape.elements())];
            source.read(name, values, 0);
            parameter.write(values, parameter.value());
            return parameter;
        });
    }

    @Override
    public String description() {
        return source.description();
    }

    @Override
    public Set<String> names() {
        return source.names();
    }

    @Override
    public Shape shape(String name) {
        return source.shape(name);
    }

    @Override
    public DType dtype(String name) {
        return parameters.containsKey(name) ? DType.F32 : source.dtype(name);
    }

    @Override
    public void read(String name, float[] destination, int offset) {
        Parameter parameter = parameters.get(name);
        if (parameter == null) {
            source.read(name, destination, offset);
        } else {
            float[] values = parameter.read(parameter.value());
            System.arraycopy(values, 0, destination, offset, values.length);
        }
    }

    /** Frees the parameters. */
    @Override
    public void close() {
        parameters.values().forEach(Parameter::close);
        parameters.clear();
        constants.forEach(Storage::close);
        constants.clear();
    }
}
