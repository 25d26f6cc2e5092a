package dev.sam2j.weights.torch;

import dev.sam2j.common.io.PrintableText;
import dev.sam2j.weights.CheckpointException;
import dev.sam2j.weights.file.ElementType;
import dev.sam2j.weights.torch.PickleValue.Function;
import dev.sam2j.weights.torch.PickleValue.Global;
import dev.sam2j.weights.torch.PickleValue.PyDict;
import dev.sam2j.weights.torch.PickleValue.PyObject;
import dev.sam2j.weights.torch.PickleValue.PyTuple;
import dev.sam2j.weights.torch.PickleValue.StorageRef;
import dev.sam2j.weights.torch.PickleValue.StorageType;
import dev.sam2j.weights.torch.PickleValue.TensorRef;
import dev.sam2j.weights.torch.PickleValue.Unknown;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * The names a checkpoint's pickle may use, and what they do: dictionaries, {@code torch._utils._rebuild_tensor_v2} and
 * its relatives, and the storage types of {@code torch}. Every other name does nothing: what it makes is a
 * {@link PyObject}, and no code of any name is ever run. Names that only serve to run code are an error all the same:
 * whoever has such a file should know what it would do in Python.
 */
final class TorchGlobals {
    private static final int MAX_RANK = 32;

    private static final Set<String> DANGEROUS_MODULES =
            Set.of("os", "posix", "nt", "subprocess", "sys", "pty", "runpy", "importlib", "shutil", "socket", "ctypes");

    private static final Set<String> DANGEROUS_BUILTINS =
            Set.of("eval", "exec", "execfile", "compile", "__import__", "open", "apply", "globals", "breakpoint");

    private final Path path;
    private final Map<String, StorageRef> storages = new HashMap<>();
    private final Map<Name, Global> found = new HashMap<>();

    TorchGlobals(Path path) {
        this.path = path;
    }

    private record Name(String module, String name) {}

    /** All storages that were named, by their keys. */
    Map<String, StorageRef> storages() {
        return storages;
    }

    /** The meaning of a global name. */
    Global find(String module, String name) {
        return found.computeIfAbsent(new Name(module, name), key -> meaning(module, name));
    }

    private Global meaning(String module, String name) {
        switch (module + " " + name) {
            case "collections OrderedDict", "collections defaultdict":
                return Function.DICT;
            case "torch._utils _rebuild_tensor_v2", "torch._utils _rebuild_tensor":
                return Function.REBUILD_TENSOR;
            case "torch._utils _rebuild_parameter", "torch._utils _rebuild_parameter_with_state":
                return Function.REBUILD_PARAMETER;
            case "torch._tensor _rebuild_from_type_v2":
                return Function.REBUILD_FROM_TYPE;
            case "torch UntypedStorage", "torch.storage UntypedStorage":
                return new StorageType(ElementType.U8);
            default:
        }
        ElementType type = module.equals("torch") ? ElementType.ofTorchStorage(name) : null;
        if (type != null) {
            return new StorageType(type);
        }
        boolean builtin = module.equals("builtins") || module.equals("__builtin__");
        String first = module.contains(".") ? module.substring(0, module.indexOf('.')) : module;
        if (DANGEROUS_MODULES.contains(first) || builtin && DANGEROUS_BUILTINS.contains(name)) {
            throw new CheckpointException(
                    path,
                    "the pickle calls " + PrintableText.shortened(module + "." + name)
                            + ", which would run code of its author in Python: do not load this file there either");
        }
        return new Unknown(module + "." + name);
    }

    /** Applies a callable to its arguments. */
    Object call(Object callable, Object arguments) {
        if (!(arguments instanceof PyTuple tuple)) {
            throw damaged("it calls something with arguments that are not a tuple");
        }
        if (callable instanceof Function function) {
            return switch (function) {
                case DICT -> dict(tuple);
                case REBUILD_TENSOR -> tensor(tuple);
                case REBUILD_PARAMETER -> parameter(tuple);
                case REBUILD_FROM_TYPE -> ofType(tuple);
            };
        }
        if (callable instanceof Unknown unknown) {
            return new PyObject(unknown.name());
        }
        if (callable instanceof PyObject object) {
            return new PyObject(object.maker());
        }
        throw damaged("it calls something that is not a function");
    }

    /** An {@code OrderedDict} has no arguments, a {@code defaultdict} what makes its values. */
    private PyDict dict(PyTuple arguments) {
        if (arguments.size() > 1 || arguments.size() == 1 && !(arguments.get(0) instanceof Global)) {
            throw damaged("an OrderedDict has arguments");
        }
        return new PyDict();
    }

    /** {@code (storage, offset, shape, strides[, requires_grad, hooks[, metadata]])}. */
    private Object tensor(PyTuple arguments) {
        if (arguments.size() > 0 && arguments.get(0) instanceof PyObject other) {
            return other; // a storage of elements that are not numbers here, such as quantized ones
        }
        if (arguments.size() < 4
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
        if (arguments.size() == 7 && arguments.get(6) instanceof PyDict bits && bits.get("neg") == Boolean.TRUE) {
            return new PyObject("a view of negated elements");
        }
        return new TensorRef(storage, offset, longs(shape), longs(strides));
    }

    /** {@code (tensor, requires_grad, hooks[, state])}. */
    private Object parameter(PyTuple arguments) {
        boolean known = arguments.size() == 3 || arguments.size() == 4;
        if (!known || !(arguments.get(0) instanceof TensorRef || arguments.get(0) instanceof PyObject)) {
            throw damaged("a parameter has other arguments than a tensor");
        }
        return arguments.get(0);
    }

    /** {@code (rebuild, class, arguments, state)}: a tensor with attributes or of a subclass. */
    private Object ofType(PyTuple arguments) {
        if (arguments.size() != 4 || arguments.get(0) == Function.REBUILD_FROM_TYPE) {
            throw damaged("a tensor with attributes has other arguments than its own");
        }
        return call(arguments.get(0), arguments.get(2));
    }

    /**
     * The storage that {@code ("storage", type, key, device, elements)} means, wherever it once lived; files of torch
     * before 1.6 may add {@code None} for that it is no part of another.
     */
    Object persistent(Object id) {
        if (!(id instanceof PyTuple tuple)
                || tuple.size() < 5
                || tuple.size() > 6
                || !"storage".equals(tuple.get(0))
                || !(tuple.get(1) instanceof Global type)
                || !(tuple.get(2) instanceof String key)
                || !(tuple.get(3) instanceof String)
                || !(tuple.get(4) instanceof Long elements)
                || elements < 0) {
            throw damaged("a persistent id is not a storage");
        }
        if (tuple.size() == 6 && tuple.get(5) != PickleValue.None.NONE) {
            throw damaged("a storage is a part of another");
        }
        if (!(type instanceof StorageType known)) {
            return new PyObject(type instanceof Unknown unknown ? unknown.name() : type.toString());
        }
        StorageRef storage = new StorageRef(known.type(), key, elements);
        storages.putIfAbsent(key, storage);
        return storage;
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
