package dev.sam2j.memory;

import dev.sam2j.configs.Sam2Config;
import dev.sam2j.tensor.Activation;
import dev.sam2j.tensor.Lazy;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.nn.Mlp;
import dev.sam2j.tensor.weights.Weights;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Object pointers: one vector per object and frame, made from the decoder's mask token, read back as a few memory
 * tokens that share an encoding of their distance in time.
 */
public final class ObjectPointers {
    private static final double TEMPERATURE = 10000;
    /** Distances whose encoding is kept: all but those of old prompted frames. */
    private static final int KEPT_TIMES = 64;

    private final int channels;
    private final int memoryChannels;
    private final Mlp project;
    private final Lazy<Tensor> noObject; // (1, C)
    private final Lazy<float[]> timeWeight; // (Cm, C), or null
    private final Lazy<float[]> timeBias; // (Cm), or null
    private final boolean encodeTime;
    private final float[] periods;
    private final Map<List<Integer>, float[]> times = new ConcurrentHashMap<>();

    /** Pointers whose parameters lie at the root of a checkpoint. */
    ObjectPointers(Weights root, Sam2Config config) {
        this.channels = config.hiddenDim();
        this.memoryChannels = config.memoryDim();
        this.project = new Mlp(root.at("obj_ptr_proj"), channels, channels, channels, 3, Activation.RELU);
        this.noObject = root.tensor(root.get("no_obj_ptr", 1, channels));
        this.encodeTime = config.addTposEncToObjPtrs();
        boolean projects = config.projTposEncInObjPtrs();
        Weights projection = root.at("obj_ptr_tpos_proj");
        this.timeWeight = projects ? new Lazy<>(projection.get("weight", memoryChannels, channels)::read) : null;
        this.timeBias = projects ? new Lazy<>(projection.get("bias", memoryChannels)::read) : null;
        this.periods = periods((projects ? channels : memoryChannels) / 2);
    }

    /** The pointer of an object that is present, from its mask token (1, C) into {@code destination} (1, C). */
    public void present(Ops ops, Tensor maskToken, Tensor destination) {
        project.forwardInto(ops, maskToken, Activation.NONE, destination);
    }

    /** The pointer of an object that is absent, (1, C). */
    public Tensor absent() {
        return noObject.get();
    }

    /** Memory tokens one pointer is split into. */
    public int tokensPerPointer() {
        return channels / memoryChannels;
    }

    /**
     * Encoding of a time: with {@code t = distance / (limit - 1)} and half the width F, {@code [sin(t / 10000^(2
     * floor(i/2) / F)), cos(...)]}, projected to the memory's width where the model has a projection, and zero where it
     * encodes no time.
     *
     * @param distance frames between the current one and that of a pointer
     * @param limit number of pointers the distances are normalised by, at least 2
     * @return values of the memory's width, which must not be changed
     */
    public float[] time(int distance, int limit) {
        if (!encodeTime) {
            return new float[memoryChannels];
        }
        if (distance >= KEPT_TIMES) {
            return makeTime(distance, limit);
        }
        return times.computeIfAbsent(List.of(distance, limit), key -> makeTime(distance, limit));
    }

    private float[] makeTime(int distance, int limit) {
        float[] encoded = new float[2 * periods.length];
        encode((float) distance / (limit - 1), encoded);
        if (timeWeight == null) {
            return encoded;
        }
        float[] weight = timeWeight.get();
        float[] projected = timeBias.get().clone();
        for (int row = 0; row < projected.length; row++) {
            float sum = 0;
            for (int i = 0; i < encoded.length; i++) {
                sum += weight[row * encoded.length + i] * encoded[i];
            }
            projected[row] += sum;
        }
        return projected;
    }

    private static float[] periods(int half) {
        float[] periods = new float[half];
        for (int i = 0; i < half; i++) {
            periods[i] = (float) Math.pow(TEMPERATURE, 2f * (i / 2) / half);
        }
        return periods;
    }

    private void encode(float time, float[] destination) {
        for (int i = 0; i < periods.length; i++) {
            float angle = time / periods[i];
            destination[i] = (float) Math.sin(angle);
            destination[periods.length + i] = (float) Math.cos(angle);
        }
    }
}
