package dev.sam2j.predictors.image;

import java.util.function.Supplier;

/** How the window of a picture's samples is found. Safe for use by several threads. */
public final class WindowChoice {
    private static final WindowChoice USUAL = new WindowChoice(null, false);

    private final Window given;
    private final boolean steady;
    private Window first;

    private WindowChoice(Window given, boolean steady) {
        this.given = given;
        this.steady = steady;
    }

    /**
     * A window for each picture by itself. Unsigned integers of up to 15 bits take their whole range. All others take
     * the range of a common kind of picture if they fill at least a quarter of it and do not leave it: 0 to 1
     * (floating-point only), 0 to 255, 0 to 65535, or all integers of their type; otherwise, as for 12 bits in 16 and
     * scientific pictures, they are spread between their 0.1 and 99.9 percentiles, or their extremes where these are
     * equal. NaN and infinities are not counted.
     */
    public static WindowChoice usual() {
        return USUAL;
    }

    /** The given window for every picture, palettes excepted. */
    public static WindowChoice of(Window window) {
        return new WindowChoice(window, false);
    }

    /**
     * The usual window of the first picture for all that follow, so that the frames of a video and the planes of a
     * stack keep their brightness.
     */
    public static WindowChoice ofFirst() {
        return new WindowChoice(null, true);
    }

    /** The window that is known before the samples are looked at, or null. */
    Window known() {
        return given;
    }

    /** The window of samples that have no range of their own, where none is known. */
    Window find(Supplier<Window> usual) {
        return steady ? ofFirst(usual) : usual.get();
    }

    private synchronized Window ofFirst(Supplier<Window> usual) {
        if (first == null) {
            first = usual.get();
        }
        return first;
    }

    /** Equal for equal choices, so that what was made of a picture can be told from what another choice makes. */
    @Override
    public String toString() {
        return steady ? "as the first picture" : given == null ? "usual" : given.toString();
    }
}
