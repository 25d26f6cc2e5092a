package dev.sam2j.training.data.formats;

import dev.sam2j.Sam2jException;
import dev.sam2j.predictors.image.ReadOptions;
import dev.sam2j.predictors.mask.LabelMap;
import dev.sam2j.predictors.mask.Mask;
import dev.sam2j.predictors.mask.MaskPng;
import dev.sam2j.training.TrainingException;
import dev.sam2j.training.data.Findings;
import dev.sam2j.training.data.ObjectMasks;
import dev.sam2j.training.data.Sample;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * A picture of labels for each picture: each value but 0 is an object. The files are read once to see which objects
 * there are, and again when their masks are asked for.
 */
public final class LabelReader {
    /** The only value of black and white masks besides 0, and the void of DAVIS. */
    private static final int WHITE = 255;

    private final FormatOptions options;
    private final Findings findings;

    private LabelReader(FormatOptions options, Findings findings) {
        this.options = options;
        this.findings = findings;
    }

    /**
     * Reads the data set.
     *
     * @param labels folder of label pictures
     * @param folder of pictures, which have the names of their label pictures but for the suffix
     * @throws TrainingException as {@link Findings#bad}
     */
    public static List<Sample> read(Path labels, Path folder, FormatOptions options, Findings findings) {
        LabelReader reader = new LabelReader(options, findings);
        PictureFiles pictures = new PictureFiles(folder);
        Map<String, Path> byStem = new PictureFiles(labels).byStem();
        List<Sample> samples = new ArrayList<>();
        pictures.byStem().forEach((stem, picture) -> {
            Path file = byStem.remove(stem);
            if (file == null) {
                findings.leaveOut("pictures without annotations", 1);
                return;
            }
            try {
                reader.add(pictures.name(picture), picture, file, samples);
            } catch (Sam2jException e) {
                findings.bad(e.getMessage());
            }
        });
        byStem.values().forEach(file -> findings.bad(file + " has no picture of its name in " + folder));
        return samples;
    }

    private void add(String name, Path picture, Path file, List<Sample> samples) {
        LabelMap map = MaskPng.readLabels(file, options.masks());
        int[] values = map.objects();
        if (Arrays.equals(values, new int[] {WHITE}) && options.voidLabel() != WHITE) {
            findings.tell("binary", file + " and maybe others have no values but 0 and 255: one object");
        } else if (Arrays.stream(values).anyMatch(value -> value == WHITE) && options.voidLabel() != WHITE) {
            findings.tell(
                    "255",
                    file + " and maybe others have the value 255 beside others: taken as an object,"
                            + " though it often means unknown (then give it as void)");
        }
        int[] objects = Arrays.stream(values)
                .filter(value -> value != options.voidLabel())
                .toArray();
        if (objects.length == 0) {
            findings.leaveOut("pictures without objects", 1);
            return;
        }
        LabelObjects masks = new LabelObjects(file, objects, options.masks());
        samples.add(new Sample(name, picture, options.pictures(), map.width(), map.height(), masks));
    }

    /** The values of a label picture. */
    private record LabelObjects(Path file, int[] values, ReadOptions options) implements ObjectMasks {
        @Override
        public int count() {
            return values.length;
        }

        @Override
        public String name(int object) {
            return "value " + values[object] + " of " + file.getFileName();
        }

        @Override
        public List<Mask> decode(int[] objects, int width, int height) {
            LabelMap map = MaskPng.readLabels(file, options);
            if (map.width() != width || map.height() != height) {
                throw new TrainingException(file + " has " + map.width() + "x" + map.height() + " pixels, its picture "
                        + width + "x" + height);
            }
            return IntStream.of(objects)
                    .mapToObj(object -> map.mask(values[object]))
                    .toList();
        }
    }
}
