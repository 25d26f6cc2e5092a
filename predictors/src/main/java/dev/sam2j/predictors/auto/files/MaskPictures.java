package dev.sam2j.predictors.auto.files;

import dev.sam2j.predictors.auto.AutomaticMask;
import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.mask.LabelMap;
import dev.sam2j.predictors.mask.Mask;
import dev.sam2j.predictors.mask.Overlay;
import dev.sam2j.predictors.mask.pixels.Palette;
import java.util.AbstractList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Automatic masks as pictures. Masks are decoded one at a time. */
public final class MaskPictures {
    private MaskPictures() {}

    /**
     * A map without overlaps: mask {@code i} of the list is label {@code i + 1}, 0 is what no mask covers.
     *
     * @param width of the picture
     * @param height of the picture
     * @throws IllegalArgumentException if there are more than {@link LabelMap#MAX_LABEL} masks or sizes differ
     */
    public static LabelMap labels(int width, int height, List<AutomaticMask> masks, MaskOrder order) {
        Comparator<Integer> first = order == MaskOrder.AREA
                ? Comparator.comparingInt(i -> masks.get(i).area())
                : Comparator.comparingDouble(i -> -masks.get(i).predictedIou());
        List<Integer> ranks = ranked(masks.size(), first);
        List<Mask> decoded = new AbstractList<>() {
            @Override
            public Mask get(int index) {
                return masks.get(ranks.get(index)).mask();
            }

            @Override
            public int size() {
                return masks.size();
            }
        };
        int[] labels = ranks.stream().mapToInt(i -> i + 1).toArray();
        return LabelMap.ofMasks(width, height, decoded, labels);
    }

    /** The picture with all masks half transparent, large ones first so that none hides a smaller one. */
    public static Picture overlay(Picture picture, List<AutomaticMask> masks) {
        Overlay overlay = Overlay.on(picture);
        for (int i :
                ranked(masks.size(), Comparator.comparingInt(i -> -masks.get(i).area()))) {
            overlay.mask(masks.get(i).mask(), Palette.colour(i));
        }
        return overlay.toPicture();
    }

    private static List<Integer> ranked(int count, Comparator<Integer> order) {
        return IntStream.range(0, count).boxed().sorted(order).toList();
    }
}
