package dev.sam2j.cli.vos;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sam2j.cli.files.Json;
import dev.sam2j.cli.terminal.CliException;
import dev.sam2j.cli.terminal.Console;
import dev.sam2j.cli.terminal.ConsoleCommand;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code sam2j eval}: J, F and J&amp;F of masks. */
@Command(
        name = "eval",
        sortOptions = false,
        description = {
            "Score the masks of videos against the true ones: region similarity J, contour accuracy F and their mean.",
            "Both folders hold <video>/<frame>.png (DAVIS) or <video>/<object>/<frame>.png (SA-V)."
        })
public final class EvalCommand extends ConsoleCommand {
    @Option(names = "--truth", paramLabel = "DIR", required = true, description = "True masks; a folder per video.")
    private Path truth;

    @Option(names = "--masks", paramLabel = "DIR", required = true, description = "Masks to score; a folder per video.")
    private Path masks;

    @Option(
            names = "--videos",
            paramLabel = "FILE",
            description = "Names of the videos, one a line (default: all folders in --truth).")
    private Path videoList;

    @Option(
            names = "--keep-ends",
            description = "Count the first and the last annotated frame of each video too, which benchmarks leave out.")
    private boolean keepEnds;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        List<String> videos = VosFolders.videos(truth, videoList, masks);
        List<VosScores.Row> rows =
                videos.parallelStream().flatMap(video -> rows(video).stream()).toList();
        if (rows.isEmpty()) {
            throw CliException.failure(truth + ": there are no objects in it");
        }
        Console console = console();
        if (json) {
            console.printJson(Json.text(report(rows)));
        } else {
            print(console, rows);
        }
        return 0;
    }

    private List<VosScores.Row> rows(String video) {
        try {
            return new VosScores(video, truth.resolve(video), masks.resolve(video), keepEnds).rows();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The means of all objects, which count alike. */
    private static VosScores.Row all(List<VosScores.Row> rows) {
        double region =
                rows.stream().mapToDouble(VosScores.Row::region).average().orElseThrow();
        double contour =
                rows.stream().mapToDouble(VosScores.Row::contour).average().orElseThrow();
        return new VosScores.Row("all", Integer.toString(rows.size()), region, contour);
    }

    private static ObjectNode report(List<VosScores.Row> rows) {
        ObjectNode report = JsonNodeFactory.instance.objectNode();
        put(report, all(rows));
        ArrayNode objects = report.putArray("objects");
        for (VosScores.Row row : rows) {
            put(objects.addObject().put("video", row.video()).put("object", row.object()), row);
        }
        return report;
    }

    private static void put(ObjectNode node, VosScores.Row scores) {
        node.put("J&F", scores.mean()).put("J", scores.region()).put("F", scores.contour());
    }

    private static void print(Console console, List<VosScores.Row> rows) {
        int longest = rows.stream().mapToInt(row -> row.video().length()).max().orElseThrow();
        String name = "%-" + Math.max(6, longest) + "s  %6s  ";
        console.print(String.format(Locale.ROOT, name + "%6s  %6s  %6s", "video", "object", "J&F", "J", "F"));
        Stream.concat(rows.stream(), Stream.of(all(rows)))
                .forEach(row -> console.print(String.format(
                        Locale.ROOT,
                        name + "%6.2f  %6.2f  %6.2f",
                        row.video(),
                        row.object(),
                        row.mean(),
                        row.region(),
                        row.contour())));
    }
}
