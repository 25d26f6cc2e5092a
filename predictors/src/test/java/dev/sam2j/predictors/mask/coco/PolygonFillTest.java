package dev.sam2j.predictors.mask.coco;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.predictors.mask.CocoRle;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PolygonFillTest {
    static List<String> cases() throws IOException {
        try (InputStream in = PolygonFillTest.class.getResourceAsStream("/masks/pycocotools-polygons.txt")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void equalsPycocotools(String line) {
        String[] parts = line.split(" ");
        int width = Integer.parseInt(parts[0]);
        int height = Integer.parseInt(parts[1]);
        int[][] rings =
                Stream.of(parts[2].split(";")).map(PolygonFillTest::ring).toArray(int[][]::new);
        CocoRle filled = CocoRle.of(PolygonFill.union(width, height, rings));
        assertEquals(CocoRle.ofCompressed(width, height, parts[3]), filled);
    }

    private static int[] ring(String corners) {
        return Arrays.stream(corners.split(","))
                .mapToInt(corner -> PolygonFill.fifths(Double.parseDouble(corner)))
                .toArray();
    }

    @Test
    void refusesOutlinesThatNoPictureCanHave() {
        int[] far = {0, 0, Integer.MAX_VALUE, 0, 0, Integer.MIN_VALUE};
        assertThrows(IllegalArgumentException.class, () -> PolygonFill.union(10, 10, far));
        int[] zigzag = new int[400_000];
        for (int i = 0; i < zigzag.length; i += 2) {
            zigzag[i] = i % 4 * 25;
            zigzag[i + 1] = i % 50;
        }
        String message = assertThrows(IllegalArgumentException.class, () -> PolygonFill.union(10, 10, zigzag))
                .getMessage();
        assertTrue(message.contains("10x10"), message);
    }
}
