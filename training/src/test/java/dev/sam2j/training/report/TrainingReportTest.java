package dev.sam2j.training.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingReportTest {
    @TempDir
    Path folder;

    @Test
    void isOnePageThatEscapesWhatOthersNamed() throws IOException {
        String page = written(new TrainingReport("run <1>")
                .paragraph("a & b")
                .settings("Settings", Map.of("data", "<script>alert(1)</script>"))
                .table("Scores", List.of("what", "click"), List.of(List.of("before", "0.07")))
                .figures("Pictures", List.of(new TrainingReport.Figure(new byte[] {1, 2, 3}, "a\"b.png"))));
        assertTrue(page.contains("<h1>run &lt;1&gt;</h1>"));
        assertTrue(page.contains("a &amp; b"));
        assertFalse(page.contains("<script"));
        assertTrue(page.contains("data:image/png;base64,AQID"));
        assertTrue(page.contains("a&quot;b.png"));
        assertTrue(page.contains("<td class=\"n\">0.07</td>"));
    }

    @Test
    void chartsPlaceValuesBetweenTheirAxes() throws IOException {
        String page = written(new TrainingReport("run")
                .chart("IoU", "epoch", true, curve(0, 0), curve(1, 0.5), curve(2, 1))
                .charts("Curves"));
        // from the lower left to the upper right corner of the drawing's inside
        assertTrue(page.contains("M56.0 206.0"), page);
        String whole = written(new TrainingReport("run")
                .chart("IoU", "epoch", true, new TrainingReport.Curve("click", new double[] {0, 1, 2}, new double[] {
                    0, 0.5, 1
                }))
                .charts("Curves"));
        assertTrue(whole.contains("M56.0 206.0L302.0 117.0L548.0 28.0"), whole);
    }

    @Test
    void gapsOutliersAndManyPointsAreDrawn() throws IOException {
        double[] x = IntStream.range(0, 20_000).asDoubleStream().toArray();
        double[] y = IntStream.range(0, 20_000)
                .mapToDouble(i -> i == 7 ? 1e9 : i % 100 == 3 ? Double.NaN : 1.0 / (1 + i))
                .toArray();
        String page = written(new TrainingReport("run")
                .noisyChart("loss", "step", new TrainingReport.Curve("total", x, y))
                .chart("none", "epoch", false)
                .charts("Curves"));
        assertFalse(page.contains("NaN"), "a gap");
        assertTrue(page.length() < 60_000, "thinned out: " + page.length());
        assertEquals(2, page.split("<svg", -1).length - 1);
    }

    private static TrainingReport.Curve curve(double x, double y) {
        return new TrainingReport.Curve("c", new double[] {x}, new double[] {y});
    }

    private String written(TrainingReport report) throws IOException {
        Path file = folder.resolve("report.html");
        report.write(file);
        return Files.readString(file);
    }
}
