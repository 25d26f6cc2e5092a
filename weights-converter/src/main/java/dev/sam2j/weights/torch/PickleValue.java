package dev.sam2j.weights.torch;

import dev.sam2j.weights.file.ElementType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the {@link Unpickler} can build besides strings, numbers and booleans. Containers know how deep they are nested,
 * which is bounded; nothing walks them recursively, so cycles made through the memo are harmless.
 */
sealed interface PickleValue {
    /** Python's {@code None}. */
    enum None implements PickleValue {
        NONE
    }

    /** A callable or class named by the pickle. */
    sealed interface Global extends PickleValue permits Function, StorageType, Unknown {}

    /** Callables the interpreter knows. */
    enum Function implements Global {
        DICT,
        REBUILD_TENSOR,
        REBUILD_PARAMETER,
        REBUILD_FROM_TYPE
    }

    /** {@code torch.FloatStorage} and its relatives. */
    record StorageType(ElementType type) implements Global {}

    /** A name that means nothing here. Whatever is called by it is a {@link PyObject}. */
    record Unknown(String name) implements Global {}

    /** A block of elements outside of the pickle, as a persistent id names it. */
    record StorageRef(ElementType type, String key, long elements) implements PickleValue {}

    /** Arguments of a tensor, unchecked. */
    record TensorRef(StorageRef storage, long offset, long[] shape, long[] strides) implements PickleValue {}

    /** Marks the start of arguments on the stack. */
    enum Mark implements PickleValue {
        MARK
    }

    /** Something that holds other values. */
    abstract sealed class Container implements PickleValue {
        private int depth = 1;

        /** Levels of containers below and including this one, as of when they were added. */
        int depth() {
            return depth;
        }

        final void holds(Object child) {
            if (child instanceof Container container) {
                depth = Math.max(depth, container.depth + 1);
            }
        }
    }

    /** A Python tuple. */
    final class PyTuple extends Container {
        private final List<Object> items;

        PyTuple(List<Object> items) {
            this.items = List.copyOf(items);
            items.forEach(this::holds);
        }

        Object get(int index) {
            return items.get(index);
        }

        int size() {
            return items.size();
        }
    }

    /** A Python list. */
    final class PyList extends Container {
        private final List<Object> items = new ArrayList<>(0);

        void add(Object item) {
            items.add(item);
            holds(item);
        }

        List<Object> items() {
            return items;
        }
    }

    /**
     * A Python dictionary. Items under other keys than strings are forgotten: state dictionaries have none, and keys of
     * several kinds whose hashes collide would take time out of proportion.
     */
    sealed class PyDict extends Container permits PyObject {
        private Map<String, Object> items = Map.of();

        /** Sets an item; false if the key is there already. */
        boolean put(String key, Object value) {
            if (items.isEmpty()) {
                items = new LinkedHashMap<>();
            }
            holds(value);
            return items.put(key, value) == null;
        }

        Object get(String key) {
            return items.get(key);
        }

        Map<String, Object> items() {
            return items;
        }
    }

    /**
     * An object of a class that means nothing here: known by the name of what would have made it, with the items it was
     * given as a dictionary, and otherwise empty.
     */
    final class PyObject extends PyDict {
        private final String maker;

        PyObject(String maker) {
            this.maker = maker;
        }

        String maker() {
            return maker;
        }
    }
}
