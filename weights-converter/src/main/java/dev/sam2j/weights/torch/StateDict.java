package dev.sam2j.weights.torch;

import dev.sam2j.common.io.PrintableText;
import dev.sam2j.weights.CheckpointException;
import dev.sam2j.weights.torch.PickleValue.PyDict;
import dev.sam2j.weights.torch.PickleValue.PyList;
import dev.sam2j.weights.torch.PickleValue.PyObject;
import dev.sam2j.weights.torch.PickleValue.PyTuple;
import dev.sam2j.weights.torch.PickleValue.TensorRef;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Finds the dictionary of weights in what a checkpoint's pickle made. Training programs save it as it is, or as one
 * entry among the state of the optimizer, settings and counters.
 */
final class StateDict {
    /** Entries that hold the weights, the first that is there before the others. */
    private static final List<String> ENTRIES =
            List.of("model", "state_dict", "model_state_dict", "module", "net", "network", "weights");

    private static final int MAX_LEVELS = 4;
    private static final int LISTED = 8;

    private final Path path;

    private StateDict(Path path) {
        this.path = path;
    }

    /**
     * The entries of the dictionary of weights, tensors and others.
     *
     * @throws CheckpointException if there is none or it cannot be told which; the message says what there is instead
     */
    static Map<String, Object> find(Path path, Object root) {
        return new StateDict(path).find(root);
    }

    private Map<String, Object> find(Object root) {
        PyDict usual = root instanceof PyDict dict ? usual(dict, 0) : null;
        if (usual != null) {
            return usual.items();
        }
        Map<String, PyDict> found = new LinkedHashMap<>();
        search(root, "", 0, found, Collections.newSetFromMap(new IdentityHashMap<>()));
        if (found.isEmpty()) {
            throw new CheckpointException(path, nothing(root));
        }
        if (found.size() > 1) {
            throw new CheckpointException(
                    path,
                    "the checkpoint has weights in several entries ("
                            + found.keySet().stream().limit(LISTED).collect(Collectors.joining(", "))
                            + ") and none of them is named " + String.join(", ", ENTRIES.subList(0, 3)));
        }
        return found.values().iterator().next().items();
    }

    /** The dictionary itself or one of its usual entries, which go first: states of generators are tensors too. */
    private static PyDict usual(PyDict dict, int level) {
        for (String entry : ENTRIES) {
            PyDict found =
                    level < MAX_LEVELS && dict.get(entry) instanceof PyDict inner ? usual(inner, level + 1) : null;
            if (found != null) {
                return found;
            }
        }
        return hasWeights(dict) ? dict : null;
    }

    private static boolean hasWeights(PyDict dict) {
        return dict.items().values().stream()
                .anyMatch(value -> value instanceof TensorRef tensor
                        && tensor.storage().type().dtype() != null);
    }

    private void search(Object value, String name, int level, Map<String, PyDict> found, Set<Object> seen) {
        if (!(value instanceof PyDict dict) || level > MAX_LEVELS || !seen.add(dict)) {
            return;
        }
        if (hasWeights(dict)) {
            found.put(PrintableText.shortened(name), dict);
            return;
        }
        dict.items()
                .forEach((key, item) -> search(item, name.isEmpty() ? key : name + "." + key, level + 1, found, seen));
    }

    /** Says what a checkpoint without weights is. */
    private String nothing(Object root) {
        Object model = root instanceof PyDict dict && dict.get("model") != null ? dict.get("model") : root;
        if (model instanceof PyObject object && object.items().isEmpty()) {
            return "the checkpoint holds a whole Python object made by " + PrintableText.shortened(object.maker())
                    + " instead of weights; in Python, save its state_dict() with torch.save";
        }
        if (!(root instanceof PyDict dict)) {
            return "the checkpoint is not a dictionary of tensors but " + describe(root);
        }
        List<String> entries = new ArrayList<>();
        dict.items().entrySet().stream()
                .limit(LISTED)
                .forEach(entry ->
                        entries.add(PrintableText.shortened(entry.getKey()) + " is " + describe(entry.getValue())));
        return "the checkpoint holds no weights"
                + (entries.isEmpty() ? ", it is an empty dictionary" : ": " + String.join(", ", entries))
                + (dict.items().size() > LISTED ? " and so on" : "");
    }

    /** What a value is, in Python's words. */
    static String describe(Object value) {
        if (value instanceof PyObject object) {
            return "an object made by " + PrintableText.shortened(object.maker());
        } else if (value instanceof PyDict dict) {
            return "a dictionary of " + dict.items().size();
        } else if (value instanceof PyList list) {
            return "a list of " + list.items().size();
        } else if (value instanceof PyTuple tuple) {
            return "a tuple of " + tuple.size();
        } else if (value instanceof TensorRef tensor) {
            return "a tensor of " + tensor.storage().type();
        } else if (value instanceof Number || value instanceof Boolean) {
            return value.toString();
        } else if (value instanceof String) {
            return "a string";
        }
        return "None";
    }
}
