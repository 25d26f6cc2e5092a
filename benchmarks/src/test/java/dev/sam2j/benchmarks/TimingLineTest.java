package dev.sam2j.benchmarks;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class TimingLineTest {
    private static TimingLine of(long... nanos) {
        return TimingLine.of("encoder", "b+", "0.1.0", "cpu", "fp32", 2, 1024, nanos);
    }

    @Test
    void writesTheDocumentedLine() {
        assertEquals(
                "{\"what\":\"encoder\",\"model\":\"b+\",\"runtime\":\"sam2j\",\"version\":\"0.1.0\",\"device\":\"cpu\","
                        + "\"precision\":\"fp32\",\"threads\":2,\"size\":1024,\"runs\":3,"
                        + "\"medianMs\":812.4,\"minMs\":801.0,\"maxMs\":840.9}",
                of(840_900_000L, 801_000_000L, 812_400_000L).toJson());
    }

    @Test
    void medianOfAnEvenNumberIsTheMeanOfTheMiddleTwo() {
        assertEquals(2.5, of(1_000_000L, 9_000_000L, 2_000_000L, 3_000_000L).medianMs());
    }

    @Test
    void roundsToMicroseconds() {
        assertEquals(1.235, of(1_234_567L).maxMs());
    }

    @Test
    void leavesTheCallersTimesAlone() {
        long[] nanos = {3, 1, 2};
        of(nanos);
        assertArrayEquals(new long[] {3, 1, 2}, nanos);
    }

    @Test
    void escapesTexts() {
        String json = TimingLine.of("a\"b\n", "t", "", "cpu", "fp32", 1, 0, new long[] {1})
                .toJson();
        assertTrue(json.startsWith("{\"what\":\"a\\\"b\\n\","), json);
    }

    @Test
    void refusesNoRunsAndImpossibleNumbers() {
        assertThrows(IllegalArgumentException.class, () -> of());
        assertThrows(IllegalArgumentException.class, () -> of(-1_000_000L));
        assertThrows(
                IllegalArgumentException.class,
                () -> TimingLine.of("encoder", "t", "", "cpu", "fp32", 0, 1024, new long[] {1}));
        assertThrows(
                IllegalArgumentException.class,
                () -> new TimingLine("encoder", "t", "x", "", "cpu", "fp32", 1, 1, 1, Double.NaN, 1, 2));
        assertThrows(
                IllegalArgumentException.class,
                () -> new TimingLine("encoder", "t", "x", "", "cpu", "fp32", 1, 1, 1, 3, 1, 2));
    }
}
