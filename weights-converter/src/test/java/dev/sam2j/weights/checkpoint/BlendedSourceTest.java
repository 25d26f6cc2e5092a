package dev.sam2j.weights.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sam2j.WeightsException;
import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Shape;
import dev.sam2j.tensor.weights.WeightSource;
import dev.sam2j.weights.safetensors.Safetensors;
import dev.sam2j.weights.safetensors.Safetensors.Entry;
import dev.sam2j.weights.torch.TorchCheckpointTest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BlendedSourceTest {
    private static final float[] BASE = {1, -2, 0.1f, 1e10f, 7};
    private static final float[] TUNED = {3, -2, 0.7f, 1e-10f, Float.MIN_VALUE};

    private static WeightSource source(String description, String name, float[] values) {
        Map<String, Entry> tensors = new LinkedHashMap<>();
        tensors.put("z", new Entry(Shape.of(1, 1), DType.F16, new float[] {values[0]}));
        tensors.put(name, Entry.of(values, values.length));
        return Safetensors.source(description, tensors);
    }

    private static WeightSource blend(double amount) {
        return new BlendedSource(source("base.pt", "w", BASE), source("tuned.pt", "w", TUNED), amount);
    }

    @Test
    void liesBetween() {
        WeightSource blended = blend(0.25);
        assertEquals(List.of("z", "w"), List.copyOf(blended.names()));
        TorchCheckpointTest.check(blended, "z", DType.F32, Shape.of(1, 1), 1.5f);
        float[] values = {9, 9, 9, 9, 9, 9, 9};
        blended.read("w", values, 1);
        assertArrayEquals(new float[] {9, 1.5f, -2, 0.25f, 0.75e10f, 5.25f, 9}, values, 1e-7f);
    }

    @Test
    void theEndsAreExact() {
        assertArrayEquals(BASE, blend(0).read("w"));
        assertArrayEquals(TUNED, blend(1).read("w"));
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.1, 1 / 3.0, 0.7, 0.999})
    void whatAgreesStays(double amount) {
        float[] values = {0.1f, -3.3e-39f, 1 / 3f, 1e38f, Float.MIN_VALUE};
        WeightSource blended = new BlendedSource(source("a", "w", values), source("b", "w", values), amount);
        assertArrayEquals(values, blended.read("w"));
    }

    @Test
    void modelsThatDiffer() {
        WeightSource base = source("base.pt", "w", BASE);
        String start = "tuned.pt: the checkpoint cannot be blended with base.pt, which is of another model ";
        fails(base, source("tuned.pt", "v", BASE), start + "(only base.pt has w)");
        WeightSource one = Safetensors.source("tuned.pt", Map.of("z", Entry.of(new float[1], 1, 1)));
        fails(base, one, start + "(only base.pt has w)");
        fails(
                one,
                base,
                "base.pt: the checkpoint cannot be blended with tuned.pt, which is of another model (only base.pt has w)");
        fails(base, source("tuned.pt", "w", new float[4]), start + "(w has the shape [4] instead of [5])");
    }

    private static void fails(WeightSource first, WeightSource second, String sentence) {
        WeightsException e = assertThrows(WeightsException.class, () -> new BlendedSource(first, second, 0.5));
        assertEquals(sentence, e.getMessage());
    }

    @ParameterizedTest
    @ValueSource(doubles = {-0.1, 1.1, Double.NaN})
    void amountsOutsideOfTheLine(double amount) {
        assertThrows(IllegalArgumentException.class, () -> blend(amount));
    }
}
