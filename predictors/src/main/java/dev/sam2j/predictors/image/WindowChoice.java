package dev.sam2j.predictors.image;

import java.util.function.Supplier;

/** How the window of a picture's samples is found. Safe for use by several threads. */
public abstract sealed class WindowChoice {
    private WindowChoice() {}

    /**
     * A window for each picture by itself. Unsigned integers of up to 15 bits take their whole range. All others take
     * the range of a common kind of picture if they fill at least a quarter of it and do not leave it: 0 to 1
     * (floating-point only), 0 to 255, 0 to 65535, or all integers of their type; otherwise, as for 12 bits in 16 and
     * scientific pictures, they are spread between their 0.1 and 99.9 percentiles, or their extremes where these are
     * equal. NaN and infinities are not counted.
     */
    public static WindowChoice usual() {
        return Usual.INSTANCE;
    }

    /** The given window for every picture, palettes excepted. */
    public static WindowChoice of(Window window) {
        return new Given(window);
    }

    /**
     * The usual window of the first picture for all that follow, so that the frames of a video and the planes of a
     * stack keep their brightness.
     */
    public static WindowChoice ofFirst() {
        return new First();
    }

    /** The window that is known before the samples are looked at, or null. */
    abstract Window known();

    /** The window of samples that have no range of their own. */
    abstract Window find(Supplier<Window> usual);

    private static final class Usual extends WindowChoice {
        private static final Usual INSTANCE = new Usual();

        @Override
        Window known() {
            return null;
        }

        @Override
        Window find(Supplier<Window> usual) {
            return usual.get();
        }
    }

    private static final class Given extends WindowChoice {
        private final Window window;

        private Given(Window window) {
            this.window = window;
        }

        @Override
        Window known() {
            return window;
        }

        @Override
        Window find(Supplier<Window> usual) {
            return window;
        }
    }

    private static final class First extends WindowChoice {
        private Window window;

        @Override
        Window known() {
            return null;
        }

        @Override
        synchronized Window find(Supplier<Window> usual) {
            if (window == null) {
                window = usual.get();
            }
            return window;
        }
    }
}
