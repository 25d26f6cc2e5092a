package dev.sam2j.predictors.auto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class AutomaticMaskOptionsTest {
    @Test
    void defaultsAreTheReferences() {
        AutomaticMaskOptions options = AutomaticMaskOptions.builder().build();
        assertEquals(AutomaticMaskOptions.DEFAULT, options);
        assertEquals(32, options.pointsPerSide());
        assertEquals(64, options.pointsPerBatch());
        assertEquals(0.8, options.predIouThresh());
        assertEquals(0.95, options.stabilityScoreThresh());
        assertEquals(512 / 1500.0, options.cropOverlapRatio());
        assertEquals(
                List.of(1024), options.grids().stream().map(PointGrid::size).toList());
    }

    @Test
    void outOfRangeIsNamed() {
        rejects("points per side: expected from 1 to 4096, got 0", b -> b.pointsPerSide(0));
        rejects("points per side: expected from 1 to 4096, got 4097", b -> b.pointsPerSide(4097));
        rejects("points per batch: expected at least 1, got 0", b -> b.pointsPerBatch(0));
        rejects("predicted IoU threshold: expected from 0 to 1, got 1.5", b -> b.predIouThresh(1.5));
        rejects("predicted IoU threshold: expected from 0 to 1, got NaN", b -> b.predIouThresh(Double.NaN));
        rejects("stability score threshold: expected from 0 to 1, got -0.1", b -> b.stabilityScoreThresh(-0.1));
        rejects("stability score offset: expected at least 0, got -1.0", b -> b.stabilityScoreOffset(-1));
        rejects("stability score offset: expected at least 0, got 1.0E300", b -> b.stabilityScoreOffset(1e300));
        rejects("mask threshold: expected a finite number, got Infinity", b -> b.maskThreshold(1.0 / 0));
        rejects("box NMS threshold: expected from 0 to 1, got 2.0", b -> b.boxNmsThresh(2));
        rejects("crop NMS threshold: expected from 0 to 1, got -1.0", b -> b.cropNmsThresh(-1));
        rejects("crop layers: expected from 0 to 8, got 9", b -> b.cropNLayers(9));
        rejects("crop overlap ratio: expected from 0 to less than 1, got 1.0", b -> b.cropOverlapRatio(1));
        rejects("crop points downscale factor: expected at least 1, got 0", b -> b.cropNPointsDownscaleFactor(0));
        rejects("minimum mask region area: expected at least 0, got -1", b -> b.minMaskRegionArea(-1));
        rejects("output mode: expected one of the constants, got null", b -> b.outputMode(null));
        rejects(
                "point grid: 2 points per side leave none for layer 1 with factor 4",
                b -> b.pointsPerSide(2).cropNLayers(1).cropNPointsDownscaleFactor(4));
        rejects(
                "point grids: expected one for the whole picture and one for each of 1 crop layers, got 1",
                b -> b.pointGrids(List.of(PointGrid.uniform(2))).cropNLayers(1));
        rejects(
                "points: give points per side or own point grids, not both",
                b -> b.pointGrids(List.of(PointGrid.uniform(2))).pointsPerSide(3));
    }

    private static void rejects(String message, UnaryOperator<AutomaticMaskOptions.Builder> change) {
        AutomaticMaskOptions.Builder builder = change.apply(AutomaticMaskOptions.builder());
        assertEquals(
                message,
                assertThrows(IllegalArgumentException.class, builder::build).getMessage());
    }

    @Test
    void gridsShrinkWithTheLayers() {
        AutomaticMaskOptions options = AutomaticMaskOptions.builder()
                .pointsPerSide(7)
                .cropNLayers(2)
                .cropNPointsDownscaleFactor(2)
                .build();
        assertEquals(
                List.of(49, 9, 1), options.grids().stream().map(PointGrid::size).toList());
        List<PointGrid> own = List.of(PointGrid.of(0.5, 0.5));
        assertTrue(options.toBuilder()
                .cropNLayers(0)
                .pointGrids(own)
                .build()
                .grids()
                .equals(own));
        assertEquals(
                32, options.toBuilder().pointGrids(own).pointGrids(null).build().pointsPerSide());
    }
}
