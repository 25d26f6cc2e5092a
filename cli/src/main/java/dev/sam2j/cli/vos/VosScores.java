package dev.sam2j.cli.vos;

import dev.sam2j.cli.files.MaskFile;
import dev.sam2j.cli.terminal.CliException;
import dev.sam2j.predictors.image.ReadOptions;
import dev.sam2j.predictors.mask.LabelMap;
import dev.sam2j.predictors.mask.Mask;
import dev.sam2j.predictors.mask.MaskPng;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Scores of one video, object by object. The layout of the truth decides how both are read. */
final class VosScores {
    private final String video;
    private final Path truth;
    private final Path masks;
    private final boolean keepEnds;

    /**
     * Scores to be computed.
     *
     * @param keepEnds whether the first and last annotated frames count
     */
    VosScores(String video, Path truth, Path masks, boolean keepEnds) {
        this.video = video;
        this.truth = truth;
        this.masks = masks;
        this.keepEnds = keepEnds;
    }

    /**
     * Means over the frames of one object, in percent.
     *
     * @param region J
     * @param contour F
     */
    record Row(String video, String object, double region, double contour) {
        static Row of(String video, String object, List<MaskScores> frames) {
            double region =
                    frames.stream().mapToDouble(MaskScores::region).average().orElseThrow();
            double contour =
                    frames.stream().mapToDouble(MaskScores::contour).average().orElseThrow();
            return new Row(video, object, 100 * region, 100 * contour);
        }

        /** Mean of both. */
        double mean() {
            return (region + contour) / 2;
        }
    }

    /**
     * Computes the scores of all true objects.
     *
     * @throws CliException if masks are missing or have other sizes
     */
    List<Row> rows() throws IOException {
        List<String> objects = VosFolders.folders(truth);
        if (objects.isEmpty()) {
            return labelled();
        }
        List<Row> rows = new ArrayList<>();
        for (String object : objects) {
            List<MaskScores> scores = new ArrayList<>();
            boolean seen = false;
            boolean real = false;
            for (String frame : frames(truth.resolve(object))) {
                Mask expected = MaskPng.read(file(truth.resolve(object), frame));
                Mask found = MaskPng.read(file(masks.resolve(object), frame));
                requireSize(object + "/" + frame, found, expected.width(), expected.height());
                real |= !expected.isEmpty();
                seen |= !expected.isEmpty() || !found.isEmpty();
                if (seen) {
                    scores.add(MaskScores.of(found, expected));
                }
            }
            if (real) {
                rows.add(Row.of(video, object, scores));
            }
        }
        return rows;
    }

    /** All objects of a frame in one picture; void pixels of the truth count for nobody. */
    private List<Row> labelled() throws IOException {
        Map<Integer, List<MaskScores>> scores = new TreeMap<>();
        Set<Integer> real = new TreeSet<>();
        VosLabels labels = new VosLabels();
        for (String frame : frames(truth)) {
            LabelMap expected = MaskPng.readLabels(file(truth, frame), ReadOptions.DEFAULT);
            LabelMap found = MaskPng.readLabels(file(masks, frame), ReadOptions.DEFAULT);
            requireSize(frame, found.mask(0), expected.width(), expected.height());
            for (int object : labels.objects(expected)) {
                scores.computeIfAbsent(object, id -> new ArrayList<>());
                real.add(object);
            }
            for (int object : labels.objects(found)) {
                scores.computeIfAbsent(object, id -> new ArrayList<>());
            }
            Mask counted = labels.ignored(expected).not();
            for (Map.Entry<Integer, List<MaskScores>> entry : scores.entrySet()) {
                Mask pixels = found.mask(entry.getKey()).and(counted);
                entry.getValue().add(MaskScores.of(pixels, expected.mask(entry.getKey())));
            }
        }
        List<Row> rows = new ArrayList<>();
        for (int object : real) {
            rows.add(Row.of(video, Integer.toString(object), scores.get(object)));
        }
        return rows;
    }

    private List<String> frames(Path folder) throws IOException {
        List<String> frames = VosFolders.frames(folder);
        List<String> counted = keepEnds || frames.size() < 3 ? frames : frames.subList(1, frames.size() - 1);
        if (frames.isEmpty() || !keepEnds && frames.size() < 3) {
            throw CliException.failure(folder + ": " + frames.size()
                    + " annotated frames are too few, since the first and the last do not count (--keep-ends)");
        }
        return counted;
    }

    private static Path file(Path folder, String frame) {
        Path file = folder.resolve(frame + ".png");
        if (!Files.exists(file)) {
            throw CliException.failure(file + " does not exist, but the truth has that frame");
        }
        return file;
    }

    private void requireSize(String what, Mask found, int width, int height) {
        MaskFile.requireSize(found, masks.resolve(what).toString(), width, height, "truth");
    }
}
