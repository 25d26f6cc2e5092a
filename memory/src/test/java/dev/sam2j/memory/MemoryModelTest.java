package dev.sam2j.memory;

import dev.sam2j.configs.Configs;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.weights.recorded.RecordedLayers;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Object pointers, their encodings of time, and mask prompts beside the reference's. */
class MemoryModelTest {
    private static final int POINTERS = 16;

    @AutoClose
    private final RecordedLayers recorded = new RecordedLayers(MemoryModelTest.class);

    private final Ops ops = recorded.ops();

    @Test
    void objectPointer() {
        Tensor pointer = ops.empty(1, 32);
        model(recorded.config()).pointers().present(ops, recorded.tensor("maskToken"), pointer);
        recorded.assertClose("pointer", pointer);
    }

    /** Distances of both signs, those the times of which are kept and one beyond. */
    @Test
    void timesOfPointers() {
        recorded.assertClose("times", times(recorded.config()));
    }

    @Test
    void timesOfPointersOfModelsThatDoNotProjectThem() {
        String config =
                recorded.config().replace("proj_tpos_enc_in_obj_ptrs: true", "proj_tpos_enc_in_obj_ptrs: false");
        recorded.assertClose("times.notProjected", times(config));
    }

    private float[] times(String config) {
        ObjectPointers pointers = model(config).pointers();
        float[] distances = recorded.values("distances");
        float[] times = new float[distances.length * 8];
        for (int i = 0; i < distances.length; i++) {
            System.arraycopy(pointers.time((int) distances[i], POINTERS), 0, times, 8 * i, 8);
        }
        return times;
    }

    @Test
    void maskPrompt() {
        recorded.assertClose(
                "maskPrompt", model(recorded.config()).maskPrompt(ops, recorded.tensor("maskPrompt.mask")));
    }

    private MemoryModel model(String config) {
        return new MemoryModel(recorded.weights(), Configs.parse(config, "tiny"));
    }
}
