package dev.sam2j.weights.torch;

import dev.sam2j.weights.CheckpointException;
import dev.sam2j.weights.file.CheckpointFile;
import dev.sam2j.weights.file.DataRange;
import dev.sam2j.weights.file.InputFile;
import dev.sam2j.weights.torch.PickleValue.PyDict;
import dev.sam2j.weights.torch.PickleValue.PyList;
import dev.sam2j.weights.torch.PickleValue.StorageRef;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;

/**
 * The format of {@code torch.save} before torch 1.6, which {@code _use_new_zipfile_serialization=False} still asks for:
 * pickles of a magic number, a version, the system, the checkpoint and the list of its storages, then the storages in
 * that order, each a 64-bit number of elements and the elements.
 */
final class LegacyTorchFile {
    private final InputFile file;
    private final ByteBuffer pickles;
    private final TorchGlobals globals;
    private final Map<String, DataRange> storages = new HashMap<>();

    private LegacyTorchFile(InputFile file) {
        this.file = file;
        this.pickles = file.buffer(0, (int) Math.min(file.size(), TorchCheckpoint.MAX_PICKLE));
        this.globals = new TorchGlobals(file.path());
    }

    static CheckpointFile read(InputFile file) {
        return new LegacyTorchFile(file).read();
    }

    private CheckpointFile read() {
        next(); // the magic number
        next(); // the version
        boolean big = next() instanceof PyDict system && Boolean.FALSE.equals(system.get("little_endian"));
        Object root = next();
        place(next());
        return new TensorPlacer(
                        file,
                        big ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN,
                        storage -> storages.get(storage.key()))
                .place(StateDict.find(file.path(), root));
    }

    private Object next() {
        return Unpickler.next(file.path(), pickles, globals);
    }

    /** Finds the storages behind the pickles. */
    private void place(Object keys) {
        if (!(keys instanceof PyList list)) {
            throw damaged("it has no list of storages");
        }
        long at = pickles.position();
        for (Object key : list.items()) {
            StorageRef storage = key instanceof String name ? globals.storages().get(name) : null;
            if (storage == null) {
                throw damaged("it lists a storage that no tensor uses");
            }
            long bytes = storage.elements() * storage.type().bytes();
            if (at > file.size() - Long.BYTES
                    || storage.elements() > file.size()
                    || bytes > file.size() - Long.BYTES - at) {
                throw damaged("its storages reach beyond the end of the file");
            }
            if (file.buffer(at, Long.BYTES).getLong() != storage.elements()) {
                throw damaged("a storage has another number of elements than its tensor says");
            }
            storages.put(storage.key(), DataRange.plain(file, at + Long.BYTES, bytes));
            at += Long.BYTES + bytes;
        }
    }

    private CheckpointException damaged(String what) {
        return new CheckpointException(
                file.path(), "the checkpoint in the format before torch 1.6 is damaged: " + what);
    }
}
