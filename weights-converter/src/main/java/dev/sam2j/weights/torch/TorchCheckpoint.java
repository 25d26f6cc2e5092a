package dev.sam2j.weights.torch;

import dev.sam2j.common.io.PrintableText;
import dev.sam2j.weights.CheckpointException;
import dev.sam2j.weights.file.CheckpointFile;
import dev.sam2j.weights.file.DataRange;
import dev.sam2j.weights.file.FileFormat;
import dev.sam2j.weights.file.ForeignFile;
import dev.sam2j.weights.file.InputFile;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Reads {@code .pt} files written by {@code torch.save}: the zip format of torch 1.6 and later, also packed again by
 * another tool, and the format before. The state dictionary is the file's top level or one of its entries, such as
 * {@code model} or {@code state_dict}; other values are ignored, whatever classes they are of. Opening parses the zip
 * directory and the pickle only, tensors stay in the file until they are read.
 */
public final class TorchCheckpoint {
    static final String FORMAT = "torch";

    /** The largest official checkpoint has 110 kB, one with the state of an optimizer half a megabyte. */
    static final int MAX_PICKLE = 16 << 20;

    static final String PICKLE = "data.pkl";
    static final String BYTE_ORDER = "byteorder";

    /** Before the key of a storage. */
    static final String DATA = "data/";

    private final InputFile file;
    private final TorchArchive archive;
    private final String prefix;

    private TorchCheckpoint(InputFile file) {
        this.file = file;
        this.archive = TorchArchive.read(file);
        this.prefix = prefix();
    }

    /**
     * Opens a file. Close the result when its tensors are no longer needed.
     *
     * @throws CheckpointException if it is not such a file, is damaged, or names code to be run
     */
    public static CheckpointFile open(Path path) {
        return CheckpointFile.open(path, TorchCheckpoint::open);
    }

    /** Reads an open file and takes ownership of it on success. */
    public static CheckpointFile open(InputFile file) {
        return switch (FileFormat.of(file)) {
            case TORCH -> new TorchCheckpoint(file).read();
            case TORCH_LEGACY -> LegacyTorchFile.read(file);
            case SAFETENSORS ->
                throw new CheckpointException(file.path(), "this is a safetensors file, not one of torch.save");
            case UNKNOWN -> throw ForeignFile.failure(file);
        };
    }

    private CheckpointFile read() {
        Object root = Unpickler.load(file.path(), content(PICKLE, MAX_PICKLE));
        return new TensorPlacer(file, byteOrder(), storage -> archive.get(prefix + DATA + storage.key()))
                .place(StateDict.find(file.path(), root));
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
        if (anyEndsWith("/constants.pkl")) {
            throw new CheckpointException(
                    file.path(),
                    "this is a TorchScript archive, a program with its weights; in Python, save "
                            + "torch.jit.load(file).state_dict() with torch.save");
        }
        if (found == null) {
            throw new CheckpointException(
                    file.path(),
                    anyEndsWith(".npy")
                            ? "this is an archive of numpy arrays (.npz), which is not read"
                            : "the zip archive has no " + PICKLE + ", torch.save did not write it");
        }
        return found;
    }

    private boolean anyEndsWith(String ending) {
        for (String name : archive.names()) {
            if (name.endsWith(ending)) {
                return true;
            }
        }
        return false;
    }

    private ByteOrder byteOrder() {
        String order = archive.get(prefix + BYTE_ORDER) == null
                ? "little"
                : new String(content(BYTE_ORDER, 64), StandardCharsets.ISO_8859_1);
        return switch (order) {
            case "little" -> ByteOrder.LITTLE_ENDIAN;
            case "big" -> ByteOrder.BIG_ENDIAN;
            default ->
                throw new CheckpointException(file.path(), "the byte order is " + PrintableText.shortened(order));
        };
    }

    private byte[] content(String name, int limit) {
        DataRange entry = archive.get(prefix + name);
        if (entry.length() > limit) {
            throw new CheckpointException(
                    file.path(),
                    prefix + name + " has " + entry.length() + " bytes, more than the " + limit + " allowed");
        }
        try {
            byte[] content = entry.bytes();
            if (content.length == entry.length()) {
                return content;
            }
            throw new CheckpointException(file.path(), "the zip entry " + prefix + name + " is damaged: it ends early");
        } catch (IOException e) {
            throw new CheckpointException(file.path(), "the zip entry " + prefix + name + " is damaged", e);
        }
    }
}
