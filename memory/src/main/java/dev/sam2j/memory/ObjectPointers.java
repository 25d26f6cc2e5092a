package dev.sam2j.memory;

import dev.sam2j.configs.Sam2Config;
import dev.sam2j.tensor.Activation;
import dev.sam2j.tensor.Lazy;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.Weights;
import dev.sam2j.tensor.nn.Linear;
import dev.sam2j.tensor.nn.Mlp;

/**
 * Object pointers: one vector per object and frame, made from the decoder's mask token, read back as a few memory
 * tokens that share an encoding of their distance in time.
 */
public final class ObjectPointers {
    private static final double TEMPERATURE = 10000;

    private final int channels;
    private final int memoryChannels;
    private final Mlp project;
    private final Lazy<Tensor> noObject; // (1, C)
    private final Linear projectTime;
    private final boolean encodeTime;
    private final float[] periods;

    /** Pointers whose parameters lie at the root of a checkpoint. */
    ObjectPointers(Weights root, Sam2Config config) {
        this.channels = config.hiddenDim();
        this.memoryChannels = config.memoryDim();
        this.project = new Mlp(root.at("obj_ptr_proj"), channels, channels, channels, 3, Activation.RELU);
        this.noObject = root.tensor(root.get("no_obj_ptr", 1, channels));
        this.encodeTime = config.addTposEncToObjPtrs();
        this.projectTime = config.projTposEncInObjPtrs()
                ? new Linear(root.at("obj_ptr_tpos_proj"), channels, memoryChannels)
                : null;
        this.periods = periods((projectTime == null ? memoryChannels : channels) / 2);
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
     * Encodings of times, one row for each: with {@code t = distance / (limit - 1)} and half the width F,
     * {@code [sin(t / 10000^(2 floor(i/2) / F)), cos(...)]}, projected to the memory's width where the model has a
     * projection and zero where it encodes no time.
     *
     * @param distances frames between the current one and that of each pointer
     * @param limit number of pointers the distances are normalised by, at least 2
     * @return (distances, Cm)
     */
    public Tensor times(Ops ops, int[] distances, int limit) {
        if (!encodeTime) {
            return ops.tensor(new float[distances.length * memoryChannels], distances.length, memoryChannels);
        }
        int width = 2 * periods.length;
        float[] encoded = new float[distances.length * width];
        for (int p = 0; p < distances.length; p++) {
            encode((float) distances[p] / (limit - 1), encoded, p * width);
        }
        Tensor table = ops.tensor(encoded, distances.length, width);
        return projectTime == null ? table : projectTime.forward(ops, table);
    }

    private static float[] periods(int half) {
        float[] periods = new float[half];
        for (int i = 0; i < half; i++) {
            periods[i] = (float) Math.pow(TEMPERATURE, 2f * (i / 2) / half);
        }
        return periods;
    }

    private void encode(float time, float[] destination, int offset) {
        for (int i = 0; i < periods.length; i++) {
            float angle = time / periods[i];
            destination[offset + i] = (float) Math.sin(angle);
            destination[offset + periods.length + i] = (float) Math.cos(angle);
        }
    }
}
