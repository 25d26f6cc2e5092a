package dev.sam2j.tensor.weights;

import dev.sam2j.WeightsException;
import dev.sam2j.tensor.Backend;
import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Lazy;
import dev.sam2j.tensor.PackedMatrix;
import dev.sam2j.tensor.Shape;
import dev.sam2j.tensor.Storage;
import dev.sam2j.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The parameters of a model on a backend. Layers are built from a view at their path
 * ({@code weights.at("blocks").at(3)}), name what they need with {@link #get}, and wrap it in {@link Lazy} values that
 * are read, transformed and packed when first used. After the whole model is built, {@link #verify} compares everything
 * asked for with everything the source has.
 *
 * <p>All views share one owner: closing any of them frees the backend memory of the whole model.
 */
public final class Weights implements AutoCloseable {
    private static final int LISTED_PROBLEMS = 40;

    private final Root root;
    private final String prefix;

    private Weights(Root root, String prefix) {
        this.root = root;
        this.prefix = prefix;
    }

    /** The weights in {@code source}, to be used on {@code backend}. */
    public static Weights of(WeightSource source, Backend backend) {
        return new Weights(new Root(source, backend), "");
    }

    /** The view under {@code name}, which may hold several levels separated by dots. */
    public Weights at(String name) {
        return new Weights(root, prefix + name + ".");
    }

    /** The view under a list index. */
    public Weights at(int index) {
        return at(Integer.toString(index));
    }

    /** The backend that tensors and packed matrices will live on. */
    public Backend backend() {
        return root.backend;
    }

    /** Asks for a tensor. A missing or misshapen one is reported by {@link #verify}, not here. */
    public Parameter get(String name, Shape shape) {
        String path = prefix + name;
        root.requested.put(path, shape);
        return new Parameter(root.source, path, shape);
    }

    /** Asks for a tensor of the given dimensions. */
    public Parameter get(String name, int... dims) {
        return get(name, Shape.of(dims));
    }

    /** A parameter as it is stored, on the backend. */
    public Lazy<Tensor> tensor(Parameter parameter) {
        return constant(parameter.shape(), parameter::read);
    }

    /** Values computed on the host when first needed, on the backend. */
    public Lazy<Tensor> constant(Shape shape, Supplier<float[]> values) {
        return computed(shape, tensor -> root.backend.upload(values.get(), 0, tensor));
    }

    /** Values that {@code compute} writes into a tensor on the backend when they are first needed. */
    public Lazy<Tensor> computed(Shape shape, Consumer<Tensor> compute) {
        return new Lazy<>(() -> {
            Storage storage = root.own(root.backend.allocateConstant(DType.F32, shape.elements()));
            Tensor tensor = Tensor.of(storage, 0, shape);
            compute.accept(tensor);
            return tensor;
        });
    }

    /** A row-major {@code (out, in)} matrix computed on the host when first needed, packed for {@link Backend#gemm}. */
    public Lazy<PackedMatrix> matrix(int out, int in, Supplier<float[]> values) {
        return new Lazy<>(() -> root.own(root.backend.pack(values.get(), out, in)));
    }

    /** Everything asked for so far, name to stored shape, in the order of asking. */
    public Map<String, Shape> requested() {
        return Collections.unmodifiableMap(root.requested);
    }

    /**
     * Checks that the source holds exactly what was asked for.
     *
     * @throws WeightsException listing every missing, misshapen and unexpected tensor
     */
    public void verify() {
        List<String> problems = new ArrayList<>();
        var present = root.source.names();
        root.requested.forEach((name, shape) -> {
            if (!present.contains(name)) {
                problems.add("missing: " + name + " " + shape);
            } else if (!root.source.shape(name).equals(shape)) {
                problems.add("wrong shape: " + name + ", expected " + shape + ", got " + root.source.shape(name));
            }
        });
        for (String name : present) {
            if (!root.requested.containsKey(name)) {
                problems.add("unexpected: " + name + " " + root.source.shape(name));
            }
        }
        if (!problems.isEmpty()) {
            throw new WeightsException(message(problems));
        }
    }

    private String message(List<String> problems) {
        StringBuilder text = new StringBuilder(root.source.description())
                .append(": the checkpoint does not fit the model (")
                .append(problems.size())
                .append(problems.size() == 1 ? " tensor)" : " tensors)");
        problems.stream()
                .limit(LISTED_PROBLEMS)
                .forEach(problem -> text.append("\n  ").append(problem));
        if (problems.size() > LISTED_PROBLEMS) {
            text.append("\n  and ").append(problems.size() - LISTED_PROBLEMS).append(" more");
        }
        return text.toString();
    }

    @Override
    public void close() {
        root.close();
    }

    /** What all views of one model share. */
    private static final class Root {
        private final WeightSource source;
        private final Backend backend;
        private final Map<String, Shape> requested = new LinkedHashMap<>();
        private final List<AutoCloseable> owned = new ArrayList<>();
        private boolean closed;

        Root(WeightSource source, Backend backend) {
            this.source = source;
            this.backend = backend;
        }

        synchronized <T extends AutoCloseable> T own(T resource) {
            if (closed) {
                throw new IllegalStateException("weights: the model has been closed");
            }
            owned.add(resource);
            return resource;
        }

        synchronized void close() {
            closed = true;
            for (AutoCloseable resource : owned) {
                try {
                    resource.close();
                } catch (Exception e) {
                    throw new IllegalStateException("weights: a tensor could not be freed", e);
                }
            }
            owned.clear();
        }
    }
}
