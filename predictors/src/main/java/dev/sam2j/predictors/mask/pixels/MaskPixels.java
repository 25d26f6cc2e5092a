package dev.sam2j.predictors.mask.pixels;

import dev.sam2j.predictors.image.PictureException;
import dev.sam2j.predictors.mask.Mask;
import java.awt.image.BufferedImage;
import java.util.Locale;

/**
 * Which pixels of a mask picture are the object. Light ones are, on black: from half of full light on if the mask is
 * soft or was stored with losses, all but 0 if the values are object numbers, less DAVIS's void. Where only the
 * transparency varies, it is the mask. What may mean this or that is refused.
 */
public final class MaskPixels {
    /** The label of pixels that DAVIS counts neither as object nor as background. */
    public static final int VOID = 255;

    /** Largest level of a colour that is black but for losses; the darkest colour of {@link VocPalette} is this. */
    private static final int BLACK = 32;

    /** Share of full light that the lightest pixels of a mask of white on black have at least. */
    private static final double DARK = 0.6;

    /** Share of pixels between black and the lightest ones above which a picture does not look like a mask. */
    private static final double MOSTLY = 0.6;

    /** Share of such pixels above which a mask is soft; below, half of its own lightest level divides it. */
    private static final double SOFT = 0.2;

    private static final String ADVICE = "; save the object white (255) and everything else black (0)";

    private final BufferedImage image;
    private final String name;
    private PixelRows rows;

    private MaskPixels(BufferedImage image, String name) {
        this.image = image;
        this.name = name;
        this.rows = new PixelRows(image, false);
    }

    /**
     * Decides.
     *
     * @param name what messages call the picture
     * @throws PictureException if it is not clear which pixels are meant
     */
    public static Mask of(BufferedImage image, String name) {
        return new MaskPixels(image, name).decide();
    }

    private interface Test {
        boolean inside(double level, int colour);
    }

    private Mask select(Test test) {
        byte[] set = new byte[rows.width() * rows.height()];
        for (int y = 0, out = 0; y < rows.height(); y++) {
            rows.read(y);
            for (int x = 0; x < rows.width(); x++, out++) {
                set[out] = (byte) (test.inside(rows.levels[x], rows.colours[x]) ? 1 : 0);
            }
        }
        return Mask.ofBytes(rows.width(), rows.height(), set);
    }

    private Mask decide() {
        PixelSurvey survey = new PixelSurvey(rows);
        if (survey.hasTransparency()) {
            return byTransparency(survey);
        }
        if (survey.oneColour && rows.hasPalette()) {
            rows = new PixelRows(image, true); // a palette without colours: only its numbers differ
            survey = new PixelSurvey(rows);
        }
        return byLight(survey);
    }

    /** Transparency alone is the mask; together with colours it must say the same. */
    private Mask byTransparency(PixelSurvey survey) {
        Mask opaque = select((level, colour) -> colour >>> 24 >= PixelRows.OPAQUE);
        if (survey.isOneSeenColour()) {
            return opaque;
        }
        rows.blackenTransparent();
        try {
            Mask light = byLight(new PixelSurvey(rows));
            if (light.andNot(opaque).area() + opaque.andNot(light).area() <= opaque.area() / 100) {
                return opaque;
            }
        } catch (PictureException e) {
            // its colours are no mask
        }
        throw new PictureException(
                name + ": its transparency and its colours mark different pixels; save it without transparency");
    }

    private Mask byLight(PixelSurvey survey) {
        if (survey.coloured) {
            return byColour(survey);
        }
        if (!survey.isLight()) {
            throw unclear("has values from " + number(survey.least) + " to " + number(survey.most)
                    + ", which are neither grey levels nor probabilities");
        }
        return survey.fractions ? byProbability(survey) : byNumber(survey);
    }

    /** Any colour is object: those of label maps down to dark ones, those of drawings with soft edges by half. */
    private Mask byColour(PixelSurvey survey) {
        if (survey.voc) {
            return select((level, colour) -> {
                int label = VocPalette.label(colour & 0xFFFFFF);
                return label != 0 && label != VOID;
            });
        }
        double most = survey.most;
        PixelSurvey.Middle middle = middle(survey);
        boolean numbers = middle.isAreas();
        if (!numbers && middle.share() > MOSTLY) {
            throw unclear("has the colours of a picture rather than a mask");
        }
        Mask result = select((level, colour) -> numbers ? PixelRows.lightest(colour) >= BLACK : level >= most / 2);
        if (!survey.oneColour && result.area() == result.width() * result.height()) {
            throw unclear("has colours but no black, so that it is unclear what is not the object");
        }
        return result;
    }

    private Mask byProbability(PixelSurvey survey) {
        double most = survey.most;
        if (most > 1 && (most < 128 || most > 255)) {
            throw unclear("has fractions up to " + number(most) + ", which are neither probabilities up to 1 nor grey"
                    + " levels up to 255");
        }
        return select((level, colour) -> level >= (most <= 1 ? 0.5 : 127.5));
    }

    /** Whole numbers: black and white with or without soft edges, or object numbers. */
    private Mask byNumber(PixelSurvey survey) {
        double least = survey.least;
        double most = survey.most;
        if (least == most || least == 0 && survey.distinct == 2) {
            return select((level, colour) -> level > 0);
        }
        if (isNumbersAndVoid(survey)) {
            return select((level, colour) -> level > 0 && level < VOID);
        }
        double full = fullLight(most);
        boolean dark = most < full * DARK;
        if (least > (dark ? most : full) / 8) {
            throw unclear("has no black pixels, its values go from " + number(least) + " to " + number(most));
        }
        PixelSurvey.Middle middle = middle(survey);
        boolean few = survey.distinct <= PixelSurvey.FEW;
        if (dark
                && (middle.flat() > 0.5
                        || few
                                && (most <= BLACK
                                        || survey.between(rows, 0, most).flat() > 0.5))) {
            return select((level, colour) -> level > 0); // object numbers
        }
        if (dark && middle.share() > MOSTLY) {
            throw unclear("is soft and nowhere lighter than " + number(most) + " of " + number(full));
        }
        if (middle.isAreas()) {
            throw unclear("has areas of several grey levels, so that it is unclear which are the object");
        }
        double half = (middle.share() > SOFT ? full : most) / 2;
        return select((level, colour) -> level >= half);
    }

    /** What is clearly lighter than black and darker than the lightest pixels, which vary in lossy formats. */
    private PixelSurvey.Middle middle(PixelSurvey survey) {
        return survey.between(rows, survey.most / 8, survey.most * 0.7);
    }

    /** The level of white in a file with levels up to {@code most}. */
    private double fullLight(double most) {
        if (most <= 255) {
            return 255;
        }
        return most > 65535 ? Integer.MAX_VALUE : rows.isSigned() && most <= Short.MAX_VALUE ? Short.MAX_VALUE : 65535;
    }

    /** Whether there are areas of small numbers and of DAVIS's void, and nothing between them. */
    private boolean isNumbersAndVoid(PixelSurvey survey) {
        double[] levels = survey.levels();
        int last = levels.length - 1;
        return survey.distinct <= PixelSurvey.FEW
                && levels[last] == VOID
                && levels[last - 1] <= BLACK
                && survey.between(rows, 0, VOID).flat() > 0.5;
    }

    private PictureException unclear(String what) {
        return new PictureException(name + " " + what + ADVICE);
    }

    private static String number(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? String.format(Locale.ROOT, "%.0f", value)
                : String.format(Locale.ROOT, "%.3g", value);
    }
}
