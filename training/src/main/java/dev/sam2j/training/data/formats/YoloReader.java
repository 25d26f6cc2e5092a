package dev.sam2j.training.data.formats;

import dev.sam2j.Sam2jException;
import dev.sam2j.training.TrainingException;
import dev.sam2j.training.data.Findings;
import dev.sam2j.training.data.Sample;
import dev.sam2j.training.data.Text;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.StringTokenizer;
import java.util.stream.Stream;

/**
 * Labels of YOLO for segmentation: a text for each picture, a line for each object, its class and the corners of a
 * polygon in shares of the picture's sides.
 */
public final class YoloReader {
    private static final int MAX_BYTES = 16 << 20;
    /** Characters of an object: lines are split in memory. */
    private static final int MAX_LINE = 1 << 20;

    private final Path file;
    private final FormatOptions options;
    private final Findings findings;
    private final Holding holding;
    private final List<Long> lines = new ArrayList<>();
    private final List<Outline> outlines = new ArrayList<>();

    private YoloReader(Path file, FormatOptions options, Findings findings, Holding holding) {
        this.file = file;
        this.options = options;
        this.findings = findings;
        this.holding = holding;
    }

    /**
     * Reads the data set. A picture without a text has no objects, as YOLO has it.
     *
     * @param labels folder of the texts, which have the names of their pictures but for the suffix
     * @param folder of pictures
     * @throws TrainingException as {@link Findings#bad}
     */
    public static List<Sample> read(Path labels, Path folder, FormatOptions options, Findings findings) {
        Map<String, Path> texts = texts(labels);
        PictureFiles pictures = new PictureFiles(folder);
        Holding holding = new Holding(labels);
        List<Sample> samples = new ArrayList<>();
        pictures.byStem().forEach((stem, picture) -> {
            Path file = texts.remove(stem);
            try {
                YoloReader reader = new YoloReader(file, options, findings, holding);
                if (file != null) {
                    reader.readLines();
                }
                if (reader.outlines.isEmpty()) {
                    findings.leaveOut("pictures without objects", 1);
                } else {
                    samples.add(reader.sample(pictures.name(picture), picture));
                }
            } catch (Sam2jException e) {
                findings.bad(e.getMessage());
            }
        });
        texts.values().stream()
                .filter(file -> !file.getFileName().toString().equals("classes.txt"))
                .sorted()
                .forEach(file -> findings.bad(file + " has no picture of its name in " + folder));
        return samples;
    }

    private static Map<String, Path> texts(Path labels) {
        PictureFiles folder = new PictureFiles(labels);
        try (Stream<Path> files = Files.walk(labels)) {
            Map<String, Path> texts = new HashMap<>();
            files.filter(file -> file.getFileName().toString().endsWith(".txt") && Files.isRegularFile(file))
                    .forEach(file -> texts.put(PictureFiles.stem(folder.name(file)), file));
            return texts;
        } catch (IOException e) {
            throw Text.unreadable(labels, e);
        }
    }

    private Sample sample(String name, Path picture) {
        long[] numbers = lines.stream().mapToLong(Long::longValue).toArray();
        holding.add(200);
        return new Sample(
                name,
                picture,
                options.pictures(),
                0,
                0,
                new OutlineObjects(file, "line", numbers, List.copyOf(outlines)));
    }

    private void readLines() {
        try (BufferedReader text = open()) {
            long number = 1;
            for (String line = text.readLine(); line != null; line = text.readLine(), number++) {
                if (line.length() > MAX_LINE) {
                    throw new TrainingException(
                            file + ": line " + number + " is longer than the limit of " + MAX_LINE + " characters");
                }
                StringTokenizer words = new StringTokenizer(line);
                if (words.hasMoreTokens()) {
                    readLine(number, words);
                }
            }
        } catch (IOException e) {
            throw Text.unreadable(file, e);
        }
    }

    private BufferedReader open() throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                throw new TrainingException(file + " is longer than the limit of " + (MAX_BYTES >> 20) + " MB");
            }
            return new BufferedReader(new InputStreamReader(new ByteArrayInputStream(bytes), StandardCharsets.UTF_8));
        }
    }

    private void readLine(long number, StringTokenizer words) {
        String category = words.nextToken();
        int count = words.countTokens();
        if (!options.takes(category)) {
            findings.leaveOut("objects of other categories", 1);
        } else if (count == 4) {
            findings.bad(file + ": line " + number + " is a box, but training needs polygons");
        } else if (count < 6 || count % 2 != 0) {
            findings.bad(file + ": line " + number
                    + " is no polygon: expected a class and x y x y ... of at least three corners");
        } else {
            double[] corners = corners(number, words, count);
            if (corners != null) {
                Outline outline = new Outline.Shares(corners);
                holding.add(100 + outline.bytes());
                lines.add(number);
                outlines.add(outline);
            }
        }
    }

    private double[] corners(long number, StringTokenizer words, int count) {
        double[] corners = new double[count];
        for (int i = 0; i < count; i++) {
            String word = words.nextToken();
            corners[i] = share(word);
            if (!(corners[i] >= -1 && corners[i] <= 2)) {
                findings.bad(file + ": line " + number + " has " + Text.of(word)
                        + " where a share of the picture's side from 0 to 1 is expected");
                return null;
            }
        }
        return corners;
    }

    private static double share(String word) {
        try {
            return word.length() > 100 ? Double.NaN : Double.parseDouble(word);
        } catch (NumberFormatException e) {
            return Double.NaN;
        }
    }
}
