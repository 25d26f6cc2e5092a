package dev.sam2j.predictors.auto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.sam2j.predictors.mask.CocoRle;
import dev.sam2j.predictors.mask.Mask;
import dev.sam2j.predictors.mask.PixelBox;
import java.util.List;
import org.junit.jupiter.api.Test;

class SuppressionTest {
    private static final CropBox WHOLE = new CropBox(0, 0, 100, 100, 0);

    private static AutomaticMask mask(CropBox crop, Mask mask) {
        return new AutomaticMask(CocoRle.of(mask), mask.boundingBox(), 0.9f, 0, 0, 1, crop);
    }

    private static Mask box(int x0, int y0, int x1, int y1) {
        return Mask.ofBox(100, 100, new PixelBox(x0, y0, x1, y1));
    }

    @Test
    void masksOfSmallerCropsWin() {
        AutomaticMask large = mask(WHOLE, box(10, 10, 30, 30));
        AutomaticMask small = mask(new CropBox(0, 0, 60, 60, 1), box(10, 10, 30, 31));
        AutomaticMask other = mask(WHOLE, box(50, 50, 80, 80));
        assertEquals(List.of(small, other), Suppression.betweenCrops(List.of(large, other, small), 0.7));
    }

    @Test
    void cleanedMasksGiveWayToUnchangedOnes() {
        AutomaticMask spotted = mask(WHOLE, box(10, 10, 30, 30).or(box(90, 90, 91, 91)));
        AutomaticMask clean = mask(WHOLE, box(10, 10, 30, 30));
        AutomaticMask holed = mask(WHOLE, box(50, 50, 80, 80).andNot(box(60, 60, 61, 61)));
        List<AutomaticMask> kept = Suppression.withoutSmallRegions(List.of(spotted, holed, clean), 5, 0.7);
        assertEquals(2, kept.size());
        assertEquals(box(50, 50, 80, 80), kept.get(0).mask());
        assertSame(clean, kept.get(1));
    }

    @Test
    void boxesFollowRemovedIslands() {
        AutomaticMask spotted = mask(WHOLE, box(10, 10, 30, 30).or(box(90, 90, 91, 91)));
        AutomaticMask kept =
                Suppression.withoutSmallRegions(List.of(spotted), 5, 0.7).get(0);
        assertEquals(new PixelBox(10, 10, 30, 30), kept.box());
        assertEquals(441, kept.area());
        assertEquals(0.9f, kept.predictedIou());
    }

    @Test
    void nothingSmallNothingDone() {
        List<AutomaticMask> same = List.of(mask(WHOLE, box(1, 1, 9, 9)), mask(WHOLE, box(1, 1, 9, 9)));
        assertSame(same, Suppression.withoutSmallRegions(same, 5, 0.7));
    }
}
