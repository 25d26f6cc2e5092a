package dev.sam2j.training.report;

import dev.sam2j.common.io.AtomicFiles;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/** Collects what a run has to show and writes it as one HTML file that needs nothing else, not even a script. */
public final class TrainingReport {
    private static final String STYLE = """
            body{font:15px/1.5 system-ui,sans-serif;max-width:1180px;margin:2em auto;padding:0 1em;color:#212529}
            h1{font-size:1.6em;margin-bottom:.2em}h2{font-size:1.15em;margin:2em 0 .5em}
            .charts{display:flex;flex-wrap:wrap;gap:16px}
            .pictures{display:grid;grid-template-columns:repeat(3,minmax(0,1fr));gap:16px;max-width:960px}
            svg{width:560px;max-width:100%;font:12px system-ui,sans-serif;fill:#495057}
            svg .title{font-weight:600;font-size:13px;fill:#212529}.grid{stroke:#e9ecef}
            table{border-collapse:collapse}td,th{padding:3px 14px 3px 0;text-align:left;border-bottom:1px solid #e9ecef}
            td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
            figure{margin:0}figure img{width:100%;border-radius:4px;display:block}
            figcaption{font-size:13px;color:#495057;overflow-wrap:anywhere}
            .note{background:#fff3bf;padding:.5em 1em;border-radius:4px}
            """;

    private final String title;
    private final StringBuilder body = new StringBuilder();
    private final List<LineChart> charts = new ArrayList<>();

    /** A report without content. */
    public TrainingReport(String title) {
        this.title = title;
    }

    /** A curve: its name and one value for each place on the axis. */
    public record Curve(String name, double[] x, double[] y) {}

    /**
     * A picture with a caption.
     *
     * @param png a PNG file
     */
    public record Figure(byte[] png, String caption) {}

    /** A sentence for the reader. */
    public TrainingReport paragraph(String text) {
        body.append("<p>").append(Html.text(text)).append("</p>\n");
        return this;
    }

    /** A sentence that the reader should not miss. */
    public TrainingReport note(String text) {
        body.append("<p class=\"note\">").append(Html.text(text)).append("</p>\n");
        return this;
    }

    /** A chart of noisy values and their running means. */
    public TrainingReport noisyChart(String name, String axis, Curve... curves) {
        LineChart chart = new LineChart(name, axis);
        for (Curve curve : curves) {
            chart.smoothed(curve.name(), curve.x(), curve.y());
        }
        charts.add(chart);
        return this;
    }

    /**
     * A chart.
     *
     * @param shares whether its values lie between 0 and 1, which the axis shows then
     */
    public TrainingReport chart(String name, String axis, boolean shares, Curve... curves) {
        LineChart chart = new LineChart(name, axis);
        for (Curve curve : curves) {
            chart.curve(curve.name(), curve.x(), curve.y());
        }
        charts.add(shares ? chart.fromZeroToOne() : chart);
        return this;
    }

    /** Shows the charts added since the last heading under a heading. */
    public TrainingReport charts(String heading) {
        heading(heading);
        body.append("<div class=\"charts\">");
        charts.forEach(chart -> body.append(chart.svg()).append('\n'));
        charts.clear();
        body.append("</div>\n");
        return this;
    }

    /** A table whose first column is text and whose others are numbers. */
    public TrainingReport table(String heading, List<String> columns, List<List<String>> rows) {
        heading(heading);
        body.append("<table>");
        row("th", columns);
        rows.forEach(row -> row("td", row));
        body.append("</table>\n");
        return this;
    }

    /** A table of names and values. */
    public TrainingReport settings(String heading, Map<String, String> settings) {
        heading(heading);
        body.append("<table>");
        settings.forEach((name, value) -> body.append("<tr><td>")
                .append(Html.text(name))
                .append("</td><td>")
                .append(Html.text(value))
                .append("</td></tr>"));
        body.append("</table>\n");
        return this;
    }

    /** Pictures side by side. */
    public TrainingReport figures(String heading, List<Figure> figures) {
        heading(heading);
        body.append("<div class=\"pictures\">");
        for (Figure figure : figures) {
            body.append("<figure><img alt=\"\" src=\"data:image/png;base64,")
                    .append(Base64.getEncoder().encodeToString(figure.png()))
                    .append("\"><figcaption>")
                    .append(Html.text(figure.caption()))
                    .append("</figcaption></figure>\n");
        }
        body.append("</div>\n");
        return this;
    }

    private void heading(String heading) {
        body.append("<h2>").append(Html.text(heading)).append("</h2>\n");
    }

    private void row(String cell, List<String> values) {
        body.append("<tr>");
        for (int i = 0; i < values.size(); i++) {
            body.append('<').append(cell).append(i == 0 ? ">" : " class=\"n\">");
            body.append(Html.text(values.get(i))).append("</").append(cell).append('>');
        }
        body.append("</tr>");
    }

    /**
     * Writes the page.
     *
     * @throws java.io.UncheckedIOException if that fails; an older file stays then
     */
    public void write(Path file) {
        String page = "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>" + Html.text(title)
                + "</title><meta name=\"viewport\" content=\"width=device-width\"><style>\n" + STYLE
                + "</style></head><body>\n<h1>" + Html.text(title) + "</h1>\n" + body + "</body></html>\n";
        AtomicFiles.writeUnchecked(file, out -> out.write(page.getBytes(StandardCharsets.UTF_8)));
    }
}
