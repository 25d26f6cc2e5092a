package dev.sam2j.weights;

import dev.sam2j.weights.PickleValue.Function;
import dev.sam2j.weights.PickleValue.Global;
import dev.sam2j.weights.PickleValue.PyDict;
import dev.sam2j.weights.PickleValue.PyTuple;
import dev.sam2j.weights.PickleValue.StorageRef;
import dev.sam2j.weights.PickleValue.StorageType;
import dev.sam2j.weights.PickleValue.TensorRef;
import dev.sam2j.weights.io.PrintableText;
import java.nio.file.Path;

/**
 * The names a checkpoint's pickle may use, and what they do: {@code collections.OrderedDict},
 * {@code torch._utils._rebuild_tensor_v2}, {@code torch._utils._rebuild_parameter} and the storage types of
 * {@code torch}. Every other name is an error, whether or not it would be called.
 */
final class TorchGlobals {
    private static final int MAX_RANK = 32;

    private final Path path;

    TorchGlobals(Path path) {
        this.path = path;
    }

    /** The meaning of a global name. */
    Global find(String module, String name) {
        switch (module + " " + name) {
            case "collections OrderedDict":
                return Function.ORDERED_DICT;
            case "torch._utils _rebuild_tensor_v2":
                return Function.REBUILD_TENSOR;
            case "torch._utils _rebuild_parameter":
                return Function.REBUILD_PARAMETER;
            default:
        }
        ElementType type = module.equals("torch") ? ElementType.ofTorchStorage(name) : null;
        if (type == null) {
            throw new CheckpointException(
                    path,
                    "the pickle names " + PrintableText.shortened(module + "." + name)
                            + ", which is not allowed in a checkpoint of tensors");
        }
        return new StorageType(type);
    }

    /** Applies a function to its arguments. */
    Object call(Object callable, Object arguments) {
        if (!(callable instanceof Function function) || !(arguments instanceof PyTuple tuple)) {
            throw damaged("it calls something that is not a function");
        }
        return switch (function) {
            case ORDERED_DICT -> orderedDict(tuple);
            case REBUILD_TENSOR -> tensor(tuple);
            case REBUILD_PARAMETER -> parameter(tuple);
        };
    }

    private PyDict orderedDict(PyTuple arguments) {
        if (arguments.size() != 0) {
            throw damaged("an OrderedDict has arguments");
        }
        return new PyDict();
    }

    /** {@code (storage, offset, shape, strides, requires_grad, hooks[, metadata])}. */
    private TensorRef tensor(PyTuple arguments) {
        if (arguments.size() < 6
                || arguments.size() > 7
                || !(arguments.get(0) instanceof StorageRef storage)
                || !(arguments.get(1) instanceof Long offset)
                || !(arguments.get(2) instanceof PyTuple shape)
                || !(arguments.get(3) instanceof PyTuple strides)) {
            throw damaged("a tensor has other arguments than storage, offset, shape and strides");
        }
        if (shape.size() != strides.size() || shape.size() > MAX_RANK) {
            throw damaged("a tensor has " + shape.size() + " dimensions and " + strides.size() + " strides");
        }
        return new TensorRef(storage, offset, longs(shape), longs(strides));
    }

    /** {@code (tensor, requires_grad, hooks)}. */
    private TensorRef parameter(PyTuple arguments) {
        if (arguments.size() != 3 || !(arguments.get(0) instanceof TensorRef tensor)) {
            throw damaged("a parameter has other arguments than a tensor");
        }
        return tensor;
    }

    /** The storage that {@code ("storage", type, key, device, elements)} means, wherever it once lived. */
    StorageRef persistent(Object id) {
        if (!(id instanceof PyTuple tuple)
                || tuple.size() != 5
                || !"storage".equals(tuple.get(0))
                || !(tuple.get(1) instanceof StorageType storage)
                || !(tuple.get(2) instanceof String key)
                || !(tuple.get(3) instanceof String)
                || !(tuple.get(4) instanceof Long elements)
                || elements < 0) {
            throw damaged("a persistent id is not a storage");
        }
        return new StorageRef(storage.type(), key, elements);
    }

    private long[] longs(PyTuple tuple) {
        long[] values = new long[tuple.size()];
        for (int i = 0; i < values.length; i++) {
            if (!(tuple.get(i) instanceof Long value)) {
                throw damaged("a shape or stride is not an integer");
            }
            values[i] = value;
        }
        return values;
    }

    private CheckpointException damaged(String what) {
        return new CheckpointException(path, "the pickle is damaged: " + what);
    }
}
