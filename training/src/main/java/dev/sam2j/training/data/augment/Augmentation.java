package dev.sam2j.training.data.augment;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** How strongly pictures are changed from one epoch to the next. */
public enum Augmentation {
    /** Not at all. */
    NONE,
    /** Mirrored along each axis, with probability 0.5 each. */
    MIRROR,
    /** As {@link #MIRROR}, then turned by up to 10 degrees, and brightness and contrast changed by up to a tenth. */
    LIGHT,
    /**
     * What SAM 2 was trained with (Ravi et al., SAM 2: Segment Anything in Images and Videos, 2024, appendix D):
     * mirrored left to right with probability 0.5; turned by up to 25 degrees and sheared by up to 20; brightness
     * changed by up to 0.1, contrast and saturation by up to 0.03; grey with probability 0.05; brightness changed by up
     * to 0.1, contrast and saturation by up to 0.05. Colours are changed before the picture is scaled, not after, which
     * differs by rounding.
     */
    PUBLIC;

    private static final double GREY = 0.05;

    /** Draws how a picture is shown. */
    public View draw(SplittableRandom random) {
        return switch (this) {
            case NONE -> View.PLAIN;
            case MIRROR -> new View(random.nextBoolean(), random.nextBoolean(), null, ColourJitter.NONE);
            case LIGHT -> new View(random.nextBoolean(), random.nextBoolean(), warp(random, 10, 0), light(random));
            case PUBLIC -> new View(random.nextBoolean(), false, warp(random, 25, 20), colours(random));
        };
    }

    private static Warp warp(SplittableRandom random, double degrees, double shear) {
        return Warp.of(around(random, 0, degrees), around(random, 0, shear));
    }

    private static double around(SplittableRandom random, double middle, double most) {
        return middle + (2 * random.nextDouble() - 1) * most;
    }

    private static ColourJitter light(SplittableRandom random) {
        return new ColourJitter(List.of(
                new ColourJitter.Step(ColourJitter.Kind.BRIGHTNESS, around(random, 1, 0.1)),
                new ColourJitter.Step(ColourJitter.Kind.CONTRAST, around(random, 1, 0.1))));
    }

    private static ColourJitter colours(SplittableRandom random) {
        List<ColourJitter.Step> steps = new ArrayList<>(shuffled(random, 0.1, 0.03));
        if (random.nextDouble() < GREY) {
            steps.add(new ColourJitter.Step(ColourJitter.Kind.SATURATION, 0));
        }
        steps.addAll(shuffled(random, 0.1, 0.05));
        return new ColourJitter(steps);
    }

    /** Brightness, contrast and saturation in random order. */
    private static List<ColourJitter.Step> shuffled(SplittableRandom random, double brightness, double others) {
        List<ColourJitter.Kind> kinds = new ArrayList<>(List.of(ColourJitter.Kind.values()));
        List<ColourJitter.Step> steps = new ArrayList<>();
        while (!kinds.isEmpty()) {
            ColourJitter.Kind kind = kinds.remove(random.nextInt(kinds.size()));
            double most = kind == ColourJitter.Kind.BRIGHTNESS ? brightness : others;
            steps.add(new ColourJitter.Step(kind, around(random, 1, most)));
        }
        return steps;
    }
}
