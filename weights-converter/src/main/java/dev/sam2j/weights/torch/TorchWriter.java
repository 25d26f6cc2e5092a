package dev.sam2j.weights.torch;

import dev.sam2j.common.io.AtomicFiles;
import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.weights.WeightSource;
import dev.sam2j.weights.CheckpointException;
import dev.sam2j.weights.file.CheckpointFile;
import dev.sam2j.weights.file.ElementType;
import dev.sam2j.weights.file.TensorBytes;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes {@code .pt} files as {@code torch.save({"model": state_dict}, path)} does, which {@code torch.load} reads,
 * also with {@code weights_only} and {@code mmap}: a zip archive of a pickle and of each tensor's elements. Equal
 * tensors make equal bytes.
 */
public final class TorchWriter {
    private static final String FOLDER = "archive/";

    /** Where elements begin, as {@code torch.save} has it, so that they can be used where a file is mapped. */
    private static final int ALIGNMENT = 64;

    private final Path path;
    private final WeightSource source;
    private final List<String> names;
    private final List<Integer> crcs = new ArrayList<>();

    private TorchWriter(Path path, WeightSource source) {
        this.path = path;
        this.source = source;
        this.names = List.copyOf(source.names());
    }

    /**
     * Writes all tensors of a source in its order and their types, reading one at a time. The file is read back and
     * compared before it appears under its name; one that was there is replaced.
     *
     * @throws CheckpointException if the file cannot be written, is not the same when it is read back, or the source
     *     cannot be read
     */
    public static void write(Path path, WeightSource source) {
        TorchWriter writer = new TorchWriter(path, source);
        try {
            AtomicFiles.write(path, writer::writeArchive, writer::compare);
        } catch (IOException e) {
            throw new CheckpointException(e);
        }
    }

    private void writeArchive(OutputStream out) throws IOException {
        ZipWriter zip = new ZipWriter(out, ALIGNMENT);
        zip.add(FOLDER + TorchCheckpoint.PICKLE, pickle());
        zip.add(FOLDER + TorchCheckpoint.BYTE_ORDER, ascii("little"));
        for (int i = 0; i < names.size(); i++) {
            DType dtype = source.dtype(names.get(i));
            float[] values = source.read(names.get(i));
            long bytes = (long) values.length * dtype.bytes();
            crcs.add(zip.add(FOLDER + TorchCheckpoint.DATA + i, bytes, data -> TensorBytes.write(values, dtype, data)));
        }
        zip.add(FOLDER + "version", ascii("3\n"));
        zip.finish();
    }

    /** {@code {"model": OrderedDict}}, each tensor over a storage of its own. */
    private byte[] pickle() {
        PickleWriter pickle =
                new PickleWriter().op('}').text("model").orderedDict().op('(');
        for (int i = 0; i < names.size(); i++) {
            String name = names.get(i);
            ElementType type = ElementType.of(source.dtype(name));
            pickle.tensor(name, type.torchStorage(), Integer.toString(i), source.shape(name));
        }
        return pickle.op('u', 's', '.').toBytes();
    }

    /** Reads the file that has been written, under its temporary name. */
    private void compare(Path written) throws IOException {
        try (CheckpointFile file = TorchCheckpoint.open(written)) {
            if (!List.copyOf(file.names()).equals(names)) {
                throw new CheckpointException(written, "its tensors have other names or another order");
            }
            for (int i = 0; i < names.size(); i++) {
                String name = names.get(i);
                DType dtype = source.dtype(name);
                boolean same = file.shape(name).equals(source.shape(name)) && file.dtype(name) == dtype;
                float[] values = file.read(name);
                if (!same || ZipWriter.crc(data -> TensorBytes.write(values, dtype, data)) != crcs.get(i)) {
                    throw new CheckpointException(written, "tensor " + name + " is not what was written");
                }
            }
        } catch (CheckpointException e) {
            String problem = e.getMessage().replace(written + ": ", "");
            throw new CheckpointException(path, "the file was written but reading it back failed: " + problem, e);
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
