package dev.sam2j.training.grad;

import dev.sam2j.tensor.Shape;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.training.TrainingBackend;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Remembers how values were made, so that {@link #backward} can go back and add up gradients. An operation allocates
 * its result and what its adjoint needs, computes, and ends with {@link #record}. What none of whose inputs needs a
 * gradient is not remembered.
 *
 * <p>Going back past an operation frees what it allocated, and its result's gradient: all users of the result have been
 * passed by then. So a value is valid until its operation has been passed or its tape is closed. One thread at a time
 * may use a tape.
 */
public final class Tape implements AutoCloseable {
    private final TrainingBackend backend;
    private final Arena arena;
    private final boolean recording;
    private final List<Node> nodes = new ArrayList<>();
    /** What is freed when the tape is closed. */
    private final List<Tensor> constants = new ArrayList<>();
    /** What the operation in progress has allocated. */
    private final List<Tensor> pending = new ArrayList<>();

    /** An empty tape whose memory is {@code arena}'s. */
    public Tape(TrainingBackend backend, Arena arena) {
        this(backend, arena, true);
    }

    private Tape(TrainingBackend backend, Arena arena, boolean recording) {
        this.backend = backend;
        this.arena = arena;
        this.recording = recording;
    }

    /** An operation that can be gone back over. */
    private record Node(Runnable adjoint, List<Var> results, List<Tensor> owned) {
        /** Whether a gradient has come to it; one without results is an end of the computation. */
        boolean isReached() {
            return results.isEmpty() || results.stream().anyMatch(Var::hasGradient);
        }
    }

    /** The backend that computes. */
    public TrainingBackend backend() {
        return backend;
    }

    /** An uninitialised tensor for the operation in progress, or, while going back, until its adjoint ends. */
    public Tensor allocate(int... dims) {
        return allocate(Shape.of(dims));
    }

    /** An uninitialised tensor for the operation in progress, or, while going back, until its adjoint ends. */
    public Tensor allocate(Shape shape) {
        Tensor tensor = arena.allocate(shape);
        pending.add(tensor);
        return tensor;
    }

    /**
     * Ends an operation.
     *
     * @param value its result
     * @param adjoint adds to the gradients of those inputs that need one, given that of the result
     */
    Var record(Tensor value, List<Var> inputs, Function<Var, Runnable> adjoint) {
        boolean needed = inputs.stream().anyMatch(Var::needsGradient);
        Var result = new Var(value, needed ? new Sum(value.shape()) : null);
        if (needed && recording) {
            nodes.add(new Node(adjoint.apply(result), List.of(result), List.copyOf(pending)));
        } else {
            constants.addAll(pending);
        }
        pending.clear();
        return result;
    }

    /** Has something done when all that was recorded later has been gone back over: adding a loss's gradient. */
    public void onBackward(Runnable action) {
        if (recording) {
            nodes.add(new Node(action, List.of(), List.of()));
        }
    }

    /**
     * Computes values whose inside is not kept but computed once more when their gradient is asked for.
     *
     * @param body gives the values, the same ones each time; it takes from outside what it likes
     */
    public Var[] checkpoint(Function<Tape, Var[]> body) {
        if (!recording) {
            return body.apply(this);
        }
        Var[] results;
        try (Tape plain = new Tape(backend, arena, false)) {
            Var[] inside = body.apply(plain);
            results = new Var[inside.length];
            for (int i = 0; i < inside.length; i++) {
                Tensor kept = allocate(inside[i].value().shape());
                backend.copy(inside[i].value(), kept);
                results[i] = new Var(kept, inside[i].needsGradient() ? new Sum(kept.shape()) : null);
            }
        }
        nodes.add(new Node(() -> again(body, results), List.of(results), List.copyOf(pending)));
        pending.clear();
        return results;
    }

    private void again(Function<Tape, Var[]> body, Var[] results) {
        try (Tape tape = new Tape(backend, arena)) {
            Var[] inside = body.apply(tape);
            for (int i = 0; i < results.length; i++) {
                if (results[i].hasGradient()) {
                    tape.accumulate(inside[i], results[i].gradient());
                }
            }
            tape.backward();
        }
    }

    /** Adds to a gradient. */
    void accumulate(Var x, Tensor addend) {
        Tensor room = x.unwrittenGradient();
        if (room != null) {
            backend.copy(addend, room);
        } else {
            Tensor sum = x.gradient();
            backend.add(sum, 1, addend, 1, sum);
        }
    }

    /** Goes back over everything and forgets it; gradients of parameters and of values of other tapes stay. */
    public void backward() {
        while (!nodes.isEmpty()) {
            Node node = nodes.remove(nodes.size() - 1);
            if (node.isReached()) {
                node.adjoint.run();
                free(pending);
            }
            free(node);
        }
    }

    private void free(Node node) {
        node.results.forEach(Var::releaseGradient);
        node.owned.forEach(arena::free);
    }

    private void free(List<Tensor> tensors) {
        tensors.forEach(arena::free);
        tensors.clear();
    }

    /** Frees everything that the tape still holds. */
    @Override
    public void close() {
        nodes.forEach(this::free);
        nodes.clear();
        free(constants);
        free(pending);
    }

    /** The gradient of a value that this tape made. */
    private final class Sum implements Gradient {
        private final Shape shape;
        private Tensor tensor;

        Sum(Shape shape) {
            this.shape = shape;
        }

        @Override
        public Tensor sum() {
            if (tensor == null) {
                tensor = arena.allocate(shape);
                backend.training().fill(tensor, 0);
            }
            return tensor;
        }

        @Override
        public Tensor unwritten() {
            if (tensor != null) {
                return null;
            }
            tensor = arena.allocate(shape);
            return tensor;
        }

        @Override
        public boolean isWritten() {
            return tensor != null;
        }

        @Override
        public void release() {
            if (tensor != null) {
                arena.free(tensor);
                tensor = null;
            }
        }
    }
}
