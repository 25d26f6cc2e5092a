package dev.sam2j.training.grad;

import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.PackedMatrix;
import dev.sam2j.tensor.Shape;
import dev.sam2j.tensor.Storage;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.training.TrainingBackend;
import java.util.ArrayList;
import java.util.List;

/**
 * A parameter of a model on the backend, in the layout that it is computed with. One that is trained has a gradient,
 * and an optimiser may keep two more tensors of its shape.
 */
public final class Parameter implements Weight {
    private final String name;
    private final Shape stored;
    private final Layout layout;
    private final TrainingBackend backend;
    private final List<Storage> owned = new ArrayList<>();
    private final Tensor value;
    private final Sum gradient;
    private final Var var;
    private Tensor mean;
    private Tensor square;
    private long steps;
    private boolean takesPart;
    private PackedMatrix packed;
    private PackedMatrix packedTransposed;

    Parameter(String name, Shape stored, Layout layout, boolean trained, TrainingBackend backend) {
        this.name = name;
        this.stored = stored;
        this.layout = layout;
        this.backend = backend;
        this.value = allocate();
        this.gradient = trained ? new Sum(zeros()) : null;
        this.var = new Var(value, gradient);
    }

    /** Name in the checkpoint. */
    public String name() {
        return name;
    }

    /** Shape in the checkpoint. */
    public Shape storedShape() {
        return stored;
    }

    /** Whether it is trained. */
    public boolean isTrained() {
        return gradient != null;
    }

    /** The values as they are now. */
    public Tensor value() {
        return value;
    }

    /** The gradient that has been added up since {@link #clearGradient}; only of a parameter that is trained. */
    public Tensor gradient() {
        return gradient.tensor;
    }

    /**
     * Whether the parameter lay on a way to the loss since {@link #clearGradient}, be it with a gradient of zeros.
     * Optimisers skip those that did not.
     */
    public boolean takesPart() {
        return takesPart;
    }

    /** Begins a new sum of gradients. */
    public void clearGradient() {
        backend.training().fill(gradient.tensor, 0);
        takesPart = false;
    }

    /** The optimiser's mean of gradients, zeros at first. */
    public Tensor mean() {
        if (mean == null) {
            mean = zeros();
        }
        return mean;
    }

    /** The optimiser's mean of squared gradients, zeros at first. */
    public Tensor square() {
        if (square == null) {
            square = zeros();
        }
        return square;
    }

    /** Steps that the optimiser has made with this parameter. */
    public long steps() {
        return steps;
    }

    /** Sets the number of steps, after a step or to go on with a run. */
    public void setSteps(long steps) {
        this.steps = steps;
    }

    /** Says that the values have been changed: packed forms are made anew. */
    public void changed() {
        close(packed);
        close(packedTransposed);
        packed = null;
        packedTransposed = null;
    }

    /** The elements of one of this parameter's tensors in the order of the checkpoint. */
    public float[] read(Tensor tensor) {
        float[] values = new float[Math.toIntExact(stored.elements())];
        backend.download(tensor, values, 0);
        return layout.toStored(values, stored);
    }

    /** Sets one of this parameter's tensors from elements in the order of the checkpoint. */
    public void write(float[] values, Tensor tensor) {
        backend.upload(layout.fromStored(values, stored), 0, tensor);
        if (tensor == value) {
            changed();
        }
    }

    @Override
    public Var var() {
        return var;
    }

    @Override
    public PackedMatrix packed() {
        if (packed == null) {
            packed = backend.training().pack(value, false);
        }
        return packed;
    }

    @Override
    public PackedMatrix packedTransposed() {
        if (packedTransposed == null) {
            packedTransposed = backend.training().pack(value, true);
        }
        return packedTransposed;
    }

    void close() {
        changed();
        owned.forEach(Storage::close);
        owned.clear();
    }

    private static void close(PackedMatrix matrix) {
        if (matrix != null) {
            matrix.close();
        }
    }

    private Tensor allocate() {
        Storage storage = backend.allocate(DType.F32, stored.elements());
        owned.add(storage);
        return Tensor.of(storage, 0, layout.shape(stored));
    }

    private Tensor zeros() {
        Tensor tensor = allocate();
        backend.training().fill(tensor, 0);
        return tensor;
    }

    /** A gradient that stays: tapes add to it. */
    private final class Sum implements Gradient {
        private final Tensor tensor;

        Sum(Tensor tensor) {
            this.tensor = tensor;
        }

        @Override
        public Tensor sum() {
            takesPart = true;
            return tensor;
        }

        @Override
        public Tensor unwritten() {
            return null;
        }

        @Override
        public boolean isWritten() {
            return takesPart;
        }

        @Override
        public void release() {
            throw new IllegalStateException("parameter: " + name + " is not a tape's");
        }
    }
}
