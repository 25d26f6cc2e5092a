package dev.sam2j.tensor.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.WeightsException;
import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Lazy;
import dev.sam2j.tensor.Shape;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.reference.ReferenceBackend;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Asking for parameters, comparing what was asked for with what is there, reading lazily. */
class WeightsTest {
    /** Tensors in memory that count how often they are read. */
    private static final class MapSource implements WeightSource {
        private final Map<String, Shape> shapes = new LinkedHashMap<>();
        private int reads;

        MapSource with(String name, int... dims) {
            shapes.put(name, Shape.of(dims));
            return this;
        }

        @Override
        public String description() {
            return "test.pt";
        }

        @Override
        public Set<String> names() {
            return shapes.keySet();
        }

        @Override
        public Shape shape(String name) {
            return shapes.get(name);
        }

        @Override
        public DType dtype(String name) {
            return DType.F32;
        }

        @Override
        public void read(String name, float[] destination, int offset) {
            reads++;
            for (int i = 0; i < shapes.get(name).elements(); i++) {
                destination[offset + i] = i;
            }
        }
    }

    @Test
    void acceptsExactlyWhatWasAskedFor() {
        MapSource source = new MapSource().with("blocks.3.weight", 2, 3).with("bias", 2);
        try (Weights weights = Weights.of(source, new ReferenceBackend())) {
            Parameter weight = weights.at("blocks").at(3).get("weight", 2, 3);
            weights.get("bias", 2);
            weights.verify();
            assertEquals("blocks.3.weight", weight.name());
            assertArrayEquals(new float[] {0, 1, 2, 3, 4, 5}, weight.read());
        }
    }

    @Test
    void listsEveryMissingMisshapenAndUnexpectedTensor() {
        MapSource source = new MapSource().with("a", 2, 3).with("extra", 7);
        try (Weights weights = Weights.of(source, new ReferenceBackend())) {
            weights.get("a", 3, 2);
            weights.at("deep").get("b", 5);
            String message =
                    assertThrows(WeightsException.class, weights::verify).getMessage();
            assertTrue(message.startsWith("test.pt: "), message);
            assertTrue(message.contains("wrong shape: a, expected [3, 2], got [2, 3]"), message);
            assertTrue(message.contains("missing: deep.b [5]"), message);
            assertTrue(message.contains("unexpected: extra [7]"), message);
        }
    }

    @Test
    void readsATensorOnceAndOnlyWhenItIsUsed() {
        MapSource source = new MapSource().with("a", 4);
        try (Weights weights = Weights.of(source, new ReferenceBackend())) {
            Lazy<Tensor> tensor = weights.tensor(weights.get("a", 4));
            assertEquals(0, source.reads);
            assertSame(tensor.get(), tensor.get());
            assertEquals(1, source.reads);
        }
    }

    @Test
    void refusesToMakeTensorsOfAClosedModel() {
        Weights weights = Weights.of(new MapSource().with("a", 4), new ReferenceBackend());
        Lazy<Tensor> tensor = weights.tensor(weights.get("a", 4));
        weights.close();
        assertThrows(IllegalStateException.class, tensor::get);
    }
}
