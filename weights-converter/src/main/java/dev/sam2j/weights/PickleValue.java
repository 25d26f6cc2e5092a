package dev.sam2j.weights;

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

    /** A callable or class named by the pickle; only the allowed ones exist. */
    sealed interface Global extends PickleValue permits Function, StorageType {}

    /** Callables the interpreter knows. */
    enum Function implements Global {
        ORDERED_DICT,
        REBUILD_TENSOR,
        REBUILD_PARAMETER
    }

    /** {@code torch.FloatStorage} and its relatives. */
    record StorageType(ElementType type) implements Global {}

    /** A block of elements in an archive entry of its own, as a persistent id names it. */
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

    /** A Python list. Its items are never needed, only their number of levels. */
    final class PyList extends Container {
        private final List<Object> items = new ArrayList<>();

        void add(Object item) {
            items.add(item);
            holds(item);
        }
    }

    /** A Python dictionary with strings, integers, floats or booleans as keys. */
    final class PyDict extends Container {
        private final Map<Object, Object> items = new LinkedHashMap<>();

        /** Sets an item; false if the key is there already. */
        boolean put(Object key, Object value) {
            holds(value);
            return items.put(key, value) == null;
        }

        Object get(String key) {
            return items.get(key);
        }

        Map<Object, Object> items() {
            return items;
        }
    }
}
