package dev.sam2j.training.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;

/** Curves over steps or epochs as an SVG drawing. */
final class LineChart {
    private static final int WIDTH = 560;
    private static final int HEIGHT = 240;
    private static final int LEFT = 56;
    private static final int RIGHT = 12;
    private static final int TOP = 28;
    private static final int BOTTOM = 34;
    private static final int TICKS = 5;
    /** Points of a curve that are drawn; more are thinned out, a page is to stay small. */
    private static final int MOST_POINTS = 800;

    private static final String[] COLOURS = {"#1f6feb", "#d9480f", "#2b8a3e", "#9c36b5", "#868e96"};

    private final String title;
    private final String axis;
    private final List<Curve> curves = new ArrayList<>();
    private boolean fromZeroToOne;

    private record Curve(String name, double[] x, double[] y, boolean faint) {}

    /** The places of numbers on the drawing. */
    private record Scale(double x0, double x1, double y0, double y1) {
        double x(double value) {
            return LEFT + (value - x0) / (x1 - x0) * (WIDTH - LEFT - RIGHT);
        }

        double y(double value) {
            return HEIGHT - BOTTOM - (value - y0) / (y1 - y0) * (HEIGHT - TOP - BOTTOM);
        }
    }

    /**
     * An empty drawing.
     *
     * @param axis what runs from left to right
     */
    LineChart(String title, String axis) {
        this.title = title;
        this.axis = axis;
    }

    /** Lets the vertical axis show 0 to 1 whatever the values. */
    LineChart fromZeroToOne() {
        fromZeroToOne = true;
        return this;
    }

    /** Adds a curve; values that are not finite leave a gap. */
    LineChart curve(String name, double[] x, double[] y) {
        curves.add(new Curve(name, x, y, false));
        return this;
    }

    /** Adds noisy values, drawn faintly, and their running mean over a fiftieth of them. */
    LineChart smoothed(String name, double[] x, double[] y) {
        curves.add(new Curve(null, x, y, true));
        curves.add(new Curve(name, x, runningMean(y, Math.max(1, y.length / 50)), false));
        return this;
    }

    private static double[] runningMean(double[] values, int window) {
        double[] means = new double[values.length];
        double decay = 1 - 1.0 / window;
        double sum = 0;
        double weight = 0;
        for (int i = 0; i < values.length; i++) {
            if (Double.isFinite(values[i])) {
                sum = decay * sum + values[i];
                weight = decay * weight + 1;
            }
            means[i] = weight == 0 ? Double.NaN : sum / weight;
        }
        return means;
    }

    /** The drawing as an SVG element. */
    String svg() {
        Scale scale = scale();
        StringBuilder svg = new StringBuilder();
        svg.append(String.format(
                Locale.ROOT,
                "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\"><text class=\"title\" x=\"%d\" y=\"16\">%s</text>",
                WIDTH,
                HEIGHT,
                Html.text(title),
                LEFT,
                Html.text(title)));
        axes(svg, scale);
        int colour = 0;
        int legend = WIDTH - RIGHT;
        for (Curve curve : curves) {
            String stroke = COLOURS[colour % COLOURS.length];
            svg.append("<g fill=\"none\" stroke=\"").append(stroke).append('"');
            svg.append(curve.faint ? " opacity=\".25\">" : " stroke-width=\"2\">");
            line(svg, curve, scale);
            svg.append("</g>");
            if (!curve.faint) {
                svg.append(String.format(
                        Locale.ROOT,
                        "<text x=\"%d\" y=\"16\" text-anchor=\"end\" fill=\"%s\">%s</text>",
                        legend,
                        stroke,
                        Html.text(curve.name)));
                legend -= 16 + 7 * curve.name.length();
                colour++;
            }
        }
        return svg.append("</svg>").toString();
    }

    private Scale scale() {
        double[] xs = curves.stream()
                .flatMapToDouble(curve -> DoubleStream.of(curve.x))
                .toArray();
        double[] ys = curves.stream()
                .flatMapToDouble(curve -> DoubleStream.of(curve.y))
                .filter(Double::isFinite)
                .sorted()
                .toArray();
        double x0 = DoubleStream.of(xs).min().orElse(0);
        double x1 = DoubleStream.of(xs).max().orElse(1);
        if (x1 <= x0) {
            x1 = x0 + 1;
        }
        if (fromZeroToOne || ys.length == 0) {
            return new Scale(x0, x1, 0, 1);
        }
        double y0 = Math.min(0, ys[0]);
        double y1 = ys[(int) (0.995 * (ys.length - 1))]; // a few outliers must not flatten the curve
        return new Scale(x0, x1, y0, y1 > y0 ? y1 * 1.05 : y0 + 1);
    }

    private void axes(StringBuilder svg, Scale scale) {
        double step = round((scale.y1 - scale.y0) / TICKS);
        for (double y = Math.ceil(scale.y0 / step) * step; y <= scale.y1 + step / 100; y += step) {
            svg.append(String.format(
                    Locale.ROOT,
                    "<path class=\"grid\" d=\"M%d %.1fH%d\"/><text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>",
                    LEFT,
                    scale.y(y),
                    WIDTH - RIGHT,
                    LEFT - 6,
                    scale.y(y) + 4,
                    number(Math.abs(y) < step / 100 ? 0 : y)));
        }
        double across = Math.max(1, round((scale.x1 - scale.x0) / TICKS));
        for (double x = Math.ceil(scale.x0 / across) * across; x <= scale.x1 + across / 100; x += across) {
            svg.append(String.format(
                    Locale.ROOT,
                    "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>",
                    scale.x(x),
                    HEIGHT - BOTTOM + 16,
                    number(x)));
        }
        svg.append(String.format(
                Locale.ROOT,
                "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>",
                WIDTH - RIGHT,
                HEIGHT - 4,
                Html.text(axis)));
    }

    private static void line(StringBuilder svg, Curve curve, Scale scale) {
        int every = Math.max(1, curve.x.length / MOST_POINTS);
        StringBuilder path = new StringBuilder();
        boolean drawing = false;
        int points = 0;
        for (int i = 0; i < curve.x.length; i += every) {
            boolean there = Double.isFinite(curve.y[i]);
            if (there) {
                double y = Math.min(Math.max(curve.y[i], scale.y0), scale.y1);
                path.append(String.format(
                        Locale.ROOT, "%s%.1f %.1f", drawing ? "L" : "M", scale.x(curve.x[i]), scale.y(y)));
                points++;
                if (points == 1 || i + every >= curve.x.length) {
                    svg.append(String.format(
                            Locale.ROOT, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"2\"/>", scale.x(curve.x[i]), scale.y(y)));
                }
            }
            drawing = there;
        }
        svg.append("<path d=\"").append(path).append("\"/>");
    }

    /** The next larger of 1, 2, 5 and their tens. */
    private static double round(double step) {
        double ten = Math.pow(10, Math.floor(Math.log10(step)));
        double digit = step / ten;
        return ten * (digit <= 1 ? 1 : digit <= 2 ? 2 : digit <= 5 ? 5 : 10);
    }

    private static String number(double value) {
        if (value == Math.rint(value) && Math.abs(value) < 1e7) {
            return String.format(Locale.ROOT, "%.0f", value);
        }
        return Math.abs(value) >= 1e-3
                ? String.format(Locale.ROOT, "%.3f", value).replaceFirst("0+$", "")
                : String.format(Locale.ROOT, "%.0e", value);
    }
}
