package dev.sam2j.predictors.model;

import dev.sam2j.common.io.Sha256;
import dev.sam2j.configs.Sam2Config;
import dev.sam2j.tensor.Shape;
import dev.sam2j.tensor.weights.WeightSource;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/**
 * Tells models apart: a SHA-256 over the configuration, the names and shapes of all tensors and the values of the small
 * ones (biases, norms, tokens), which differ as soon as a model has been trained further.
 */
final class ModelFingerprint {
    private static final int SMALL = 1024;

    private ModelFingerprint() {}

    /** The fingerprint, 64 hexadecimal digits. */
    static String of(Sam2Config config, Map<String, Shape> parameters, WeightSource source) {
        MessageDigest digest = Sha256.digest();
        digest.update(config.toString().getBytes(StandardCharsets.UTF_8));
        new TreeMap<>(parameters).forEach((name, shape) -> {
            digest.update((name + shape).getBytes(StandardCharsets.UTF_8));
            if (shape.elements() <= SMALL) {
                float[] values = new float[(int) shape.elements()];
                source.read(name, values, 0);
                ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
                bytes.asFloatBuffer().put(values);
                digest.update(bytes);
            }
        });
        return HexFormat.of().formatHex(digest.digest());
    }
}
