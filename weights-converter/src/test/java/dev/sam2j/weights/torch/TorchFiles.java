package dev.sam2j.weights.torch;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/** Small {@code .pt} files for tests. */
public final class TorchFiles {
    private TorchFiles() {}

    /** Copies a resource of this package into a folder. */
    public static Path resource(String name, Path folder) throws IOException {
        try (InputStream in = TorchFiles.class.getResourceAsStream(name)) {
            return Files.write(folder.resolve(name), in.readAllBytes());
        }
    }

    /** A pickle of {@code {"w": tensor}} over float32 storage "0". */
    static byte[] pickleOf(long elements, long offset, long[] shape, long[] strides) {
        PickleWriter pickle = new PickleWriter().op('}', '(');
        return pickle.tensor("w", "FloatStorage", "0", elements, offset, shape, strides)
                .op('u', '.')
                .toBytes();
    }

    /** An archive with a pickle and storage "0". */
    static RawZip zip(byte[] pickle, byte[] storage) {
        RawZip zip = new RawZip();
        zip.add("archive/data.pkl", pickle);
        zip.add("archive/data/0", storage);
        return zip;
    }

    /** Little-endian float32 values. */
    static byte[] floats(float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            bytes.putFloat(value);
        }
        return bytes.array();
    }
}
