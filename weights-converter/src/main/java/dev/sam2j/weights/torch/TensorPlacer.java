package dev.sam2j.weights.torch;

import dev.sam2j.common.io.PrintableText;
import dev.sam2j.tensor.Shape;
import dev.sam2j.weights.CheckpointException;
import dev.sam2j.weights.file.CheckpointFile;
import dev.sam2j.weights.file.DataRange;
import dev.sam2j.weights.file.ElementType;
import dev.sam2j.weights.file.InputFile;
import dev.sam2j.weights.file.Names;
import dev.sam2j.weights.file.StoredTensor;
import dev.sam2j.weights.torch.PickleValue.PyObject;
import dev.sam2j.weights.torch.PickleValue.StorageRef;
import dev.sam2j.weights.torch.PickleValue.TensorRef;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/** Finds out where the tensors of a dictionary lie, after proof that each of their elements is in the file. */
final class TensorPlacer {
    /** How often a deflated file may be read to get all tensors, where they share what has to be inflated. */
    private static final int MAX_INFLATED = 16;

    private final InputFile file;
    private final ByteOrder order;
    private final Function<StorageRef, DataRange> storages;
    private final Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    private final Map<String, String> skipped = new LinkedHashMap<>();
    private long inflated;

    /**
     * For tensors of one file.
     *
     * @param storages where a storage is, or null if the file does not have it
     */
    TensorPlacer(InputFile file, ByteOrder order, Function<StorageRef, DataRange> storages) {
        this.file = file;
        this.order = order;
        this.storages = storages;
    }

    /** The checkpoint that has the tensors among the entries. */
    CheckpointFile place(Map<String, Object> entries) {
        entries.forEach((name, value) -> {
            if (value instanceof TensorRef tensor) {
                add(name, tensor);
            } else if (value instanceof PyObject) {
                skipped.put(checked(name), StateDict.describe(value));
            }
        });
        if (tensors.isEmpty()) {
            throw new CheckpointException(path(), "the checkpoint holds no weights, its tensors are empty");
        }
        return new CheckpointFile(TorchCheckpoint.FORMAT, file.path(), file, tensors, skipped, Map.of());
    }

    private String checked(String name) {
        if (!Names.isAcceptable(name)) {
            throw new CheckpointException(
                    path(),
                    "a tensor has the name " + PrintableText.shortened(name)
                            + ", which is not printable or longer than " + Names.MAX_LENGTH + " characters");
        }
        return name;
    }

    private void add(String name, TensorRef tensor) {
        checked(name);
        DataRange data = checkedStorage(name, tensor);
        ElementType type = tensor.storage().type();
        if (type.dtype() == null || elements(tensor) == 0) {
            skipped.put(name, type + " " + Arrays.toString(tensor.shape()));
            return;
        }
        int[] dims = Arrays.stream(tensor.shape()).mapToInt(Math::toIntExact).toArray();
        StoredTensor placed =
                new StoredTensor(type, Shape.of(dims), tensor.strides(), data, tensor.offset() * type.bytes(), order);
        if (data.deflated()) {
            inflated += placed.offset() + placed.span();
            if (placed.span() > StoredTensor.MAX_SPAN || inflated / MAX_INFLATED > file.size()) {
                throw bad(name, "its compressed storage is too large to be read again for every tensor");
            }
        }
        tensors.put(name, placed);
    }

    /** The storage of a tensor, which has room for all its elements. */
    private DataRange checkedStorage(String name, TensorRef tensor) {
        StorageRef storage = tensor.storage();
        DataRange data = storages.apply(storage);
        if (data == null) {
            throw bad(name, "its storage " + PrintableText.shortened(storage.key()) + " is not in the file");
        }
        if (data.length() % storage.type().bytes() != 0
                || data.length() / storage.type().bytes() != storage.elements()) {
            throw bad(
                    name,
                    "its storage should have " + storage.elements() + " elements of "
                            + storage.type().bytes() + " bytes but has " + data.length() + " bytes");
        }
        try {
            if (tensor.offset() < 0 || endOf(name, tensor) > storage.elements()) {
                throw bad(name, describe(tensor) + " does not fit its storage of " + storage.elements() + " elements");
            }
        } catch (ArithmeticException e) {
            throw bad(name, describe(tensor) + " is too large");
        }
        return data;
    }

    private long endOf(String name, TensorRef tensor) {
        long last = tensor.offset();
        for (int axis = 0; axis < tensor.shape().length; axis++) {
            long dim = tensor.shape()[axis];
            long stride = tensor.strides()[axis];
            if (dim < 0 || dim > Integer.MAX_VALUE || stride < 0) {
                throw bad(name, describe(tensor) + " has a dimension or stride out of range");
            }
            last = Math.addExact(last, Math.multiplyExact(Math.max(dim - 1, 0), stride));
        }
        long elements = elements(tensor);
        if (elements > Integer.MAX_VALUE - 8) {
            throw bad(name, describe(tensor) + " is too large");
        }
        return elements == 0 ? tensor.offset() : Math.addExact(last, 1);
    }

    private static long elements(TensorRef tensor) {
        long product = 1;
        for (long dim : tensor.shape()) {
            product = Math.multiplyExact(product, dim);
        }
        return product;
    }

    private static String describe(TensorRef tensor) {
        return "shape " + Arrays.toString(tensor.shape()) + " with strides " + Arrays.toString(tensor.strides())
                + " at element " + tensor.offset();
    }

    private CheckpointException bad(String name, String problem) {
        return new CheckpointException(path(), "tensor " + PrintableText.shortened(name) + ": " + problem);
    }

    private Path path() {
        return file.path();
    }
}
