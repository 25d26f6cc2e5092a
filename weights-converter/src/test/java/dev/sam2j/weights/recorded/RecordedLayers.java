package dev.sam2j.weights.recorded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.Precision;
import dev.sam2j.tensor.Backend;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.provider.BackendOptions;
import dev.sam2j.tensor.provider.Backends;
import dev.sam2j.tensor.weights.Weights;
import dev.sam2j.weights.checkpoint.Checkpoints;
import dev.sam2j.weights.file.CheckpointFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.zip.GZIPInputStream;

/**
 * A tiny model on the CPU, with what its layers take and give in the reference implementation. How that was recorded is
 * told in README.md in the resources of this package.
 */
public final class RecordedLayers implements AutoCloseable {
    /**
     * Largest error of an element, relative to the largest element: both sides round to float32, and add up to some
     * hundred products per element in an order of their own. Layers that were changed on purpose were off by more than
     * a thousand times as much.
     */
    private static final double TOLERANCE = 1e-5;

    private static final String FILE = "recorded.safetensors.gz";
    private static final String RECORDED = "recorded/";

    private final CheckpointFile file;
    private final Backend backend = Backends.open("cpu", new BackendOptions(2, Precision.FP32));
    private final Ops ops = new Ops(backend);
    private final Weights weights;

    /** What was recorded for the package of {@code test}. */
    public RecordedLayers(Class<?> test) {
        try (InputStream packed = test.getResourceAsStream(FILE)) {
            this.file = Checkpoints.open(FILE, new GZIPInputStream(packed).readAllBytes())
                    .file();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        this.weights = Weights.of(file, backend);
    }

    /** The model's configuration, a YAML document. */
    public String config() {
        return file.metadata().get("config");
    }

    /** The model's parameters. */
    public Weights weights() {
        return weights;
    }

    /** Operations on the CPU. */
    public Ops ops() {
        return ops;
    }

    /** A recorded tensor, on the CPU. */
    public Tensor tensor(String name) {
        return ops.tensor(values(name), file.shape(RECORDED + name).toArray());
    }

    /** The values of a recorded tensor. */
    public float[] values(String name) {
        float[] values = new float[(int) file.shape(RECORDED + name).elements()];
        file.read(RECORDED + name, values, 0);
        return values;
    }

    /** Checks the shape and the values of what a layer gave. */
    public void assertClose(String name, Tensor actual) {
        assertEquals(file.shape(RECORDED + name), actual.shape(), name);
        assertClose(name, values(name), ops.toHost(actual));
    }

    /** Checks values that were computed on the host. */
    public void assertClose(String name, float[] actual) {
        assertClose(name, values(name), actual);
    }

    private static void assertClose(String name, float[] expected, float[] actual) {
        assertEquals(expected.length, actual.length, name);
        double largest = 0;
        for (float value : expected) {
            largest = Math.max(largest, Math.abs(value));
        }
        for (int i = 0; i < expected.length; i++) {
            double error = Math.abs((double) actual[i] - expected[i]) / largest;
            String element = name + ", element " + i + ": expected " + expected[i] + ", got " + actual[i];
            assertTrue(error <= TOLERANCE, element);
        }
    }

    @Override
    public void close() {
        weights.close();
        ops.close();
        backend.close();
        file.close();
    }
}
