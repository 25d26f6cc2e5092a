package dev.sam2j.weights;

import dev.sam2j.tensor.Shape;
import dev.sam2j.weights.PickleValue.PyDict;
import dev.sam2j.weights.PickleValue.StorageRef;
import dev.sam2j.weights.PickleValue.TensorRef;
import dev.sam2j.weights.io.PrintableText;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Reads {@code .pt} files written by {@code torch.save} (the zip format of torch 1.6 and later, pickle protocols 2 to
 * 5). The state dictionary is the file's top level or its {@code model} entry; other top-level values are ignored.
 * Opening parses the zip directory and the pickle only, tensors stay in the file until they are read.
 */
public final class TorchCheckpoint {
    static final String FORMAT = "torch";

    /** The largest official checkpoint has 110 kB, one with the state of an optimizer half a megabyte. */
    private static final int MAX_PICKLE = 16 << 20;

    private static final String PICKLE = "data.pkl";

    private final MappedFile file;
    private final TorchArchive archive;
    private final String prefix;
    private final Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    private final Map<String, String> skipped = new LinkedHashMap<>();

    private TorchCheckpoint(MappedFile file) {
        this.file = file;
        this.archive = TorchArchive.read(file);
        this.prefix = prefix();
    }

    /**
     * Opens a file. Close the result when its tensors are no longer needed.
     *
     * @throws CheckpointException if it is not such a file, is damaged, or its pickle asks for anything but tensors and
     *     containers
     */
    public static CheckpointFile open(Path path) {
        MappedFile file = MappedFile.open(path);
        try {
            return open(file);
        } catch (RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /** Reads an open file and takes ownership of it on success. */
    static CheckpointFile open(MappedFile file) {
        FileFormat.TORCH.check(file);
        return new TorchCheckpoint(file).read();
    }

    private CheckpointFile read() {
        ByteOrder order = byteOrder();
        byte[] pickle = content(archive.get(prefix + PICKLE), MAX_PICKLE);
        Object root = Unpickler.load(file.path(), pickle);
        stateDict(root).items().forEach(this::add);
        if (tensors.isEmpty()) {
            throw new CheckpointException(file.path(), "the checkpoint holds no floating-point tensors");
        }
        return new CheckpointFile(FORMAT, file, order, tensors, skipped, Map.of());
    }

    /** Everything lies in one folder, whose name depends on the file's name when it was saved. */
    private String prefix() {
        String found = null;
        for (String name : archive.names()) {
            boolean isPickle = name.endsWith("/" + PICKLE) && name.indexOf('/') == name.length() - PICKLE.length() - 1;
            if (isPickle && found != null) {
                throw new CheckpointException(file.path(), "the zip archive has two entries named " + PICKLE);
            }
            found = isPickle ? name.substring(0, name.length() - PICKLE.length()) : found;
        }
        if (found == null) {
            throw new CheckpointException(
                    file.path(), "the zip archive has no " + PICKLE + ", torch.save did not write it");
        }
        return found;
    }

    private ByteOrder byteOrder() {
        TorchArchive.Entry entry = archive.get(prefix + "byteorder");
        String order = entry == null ? "little" : new String(content(entry, 64), StandardCharsets.ISO_8859_1);
        return switch (order) {
            case "little" -> ByteOrder.LITTLE_ENDIAN;
            case "big" -> ByteOrder.BIG_ENDIAN;
            default ->
                throw new CheckpointException(file.path(), "the byte order is " + PrintableText.shortened(order));
        };
    }

    private byte[] content(TorchArchive.Entry entry, int limit) {
        if (entry.length() > limit) {
            throw new CheckpointException(
                    file.path(),
                    entry.name() + " has " + entry.length() + " bytes, more than the " + limit + " allowed");
        }
        return file.bytes(entry.position(), (int) entry.length());
    }

    private PyDict stateDict(Object root) {
        if (!(root instanceof PyDict dict)) {
            throw new CheckpointException(file.path(), "the checkpoint is not a dictionary");
        }
        return dict.get("model") instanceof PyDict model ? model : dict;
    }

    private void add(Object key, Object value) {
        if (!(key instanceof String name) || !(value instanceof TensorRef tensor)) {
            return;
        }
        if (!Names.isAcceptable(name)) {
            throw new CheckpointException(
                    file.path(),
                    "a tensor has the name " + PrintableText.shortened(name)
                            + ", which is not printable or longer than " + Names.MAX_LENGTH + " characters");
        }
        long position = checkedPosition(name, tensor);
        ElementType type = tensor.storage().type();
        if (type.dtype() == null || elements(tensor) == 0) {
            skipped.put(name, type + " " + Arrays.toString(tensor.shape()));
            return;
        }
        int[] dims = Arrays.stream(tensor.shape()).mapToInt(Math::toIntExact).toArray();
        tensors.put(name, new StoredTensor(type, Shape.of(dims), tensor.strides(), position));
    }

    /** Position of the first element, after proof that all elements lie in the storage and the storage in its entry. */
    private long checkedPosition(String name, TensorRef tensor) {
        StorageRef storage = tensor.storage();
        TorchArchive.Entry entry = archive.get(prefix + "data/" + storage.key());
        if (entry == null) {
            throw bad(name, "its storage " + PrintableText.shortened(storage.key()) + " is not in the file");
        }
        if (entry.length() % storage.type().bytes() != 0
                || entry.length() / storage.type().bytes() != storage.elements()) {
            throw bad(
                    name,
                    "its storage should have " + storage.elements() + " elements of "
                            + storage.type().bytes() + " bytes but has " + entry.length() + " bytes");
        }
        try {
            if (tensor.offset() < 0 || endOf(name, tensor) > storage.elements()) {
                throw bad(name, describe(tensor) + " does not fit its storage of " + storage.elements() + " elements");
            }
        } catch (ArithmeticException e) {
            throw bad(name, describe(tensor) + " is too large");
        }
        return entry.position() + tensor.offset() * storage.type().bytes();
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
        return new CheckpointException(file.path(), "tensor " + PrintableText.shortened(name) + ": " + problem);
    }
}
