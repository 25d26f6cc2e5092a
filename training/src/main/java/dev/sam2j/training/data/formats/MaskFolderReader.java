package dev.sam2j.training.data.formats;

import dev.sam2j.predictors.image.ReadOptions;
import dev.sam2j.predictors.mask.Mask;
import dev.sam2j.predictors.mask.MaskPng;
import dev.sam2j.training.TrainingException;
import dev.sam2j.training.data.Findings;
import dev.sam2j.training.data.ObjectMasks;
import dev.sam2j.training.data.Sample;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** A folder for each picture with a picture of one mask for each object; masks may overlap. */
public final class MaskFolderReader {
    private MaskFolderReader() {}

    /**
     * Reads the data set.
     *
     * @param masks folder of the folders, which have the names of their pictures without suffix
     * @param folder of pictures
     * @throws TrainingException as {@link Findings#bad}
     */
    public static List<Sample> read(Path masks, Path folder, FormatOptions options, Findings findings) {
        Map<String, List<Path>> files = new HashMap<>();
        PictureFiles all = new PictureFiles(masks);
        for (Path file : all.all()) {
            String name = all.name(file);
            String stem = name.substring(0, Math.max(0, name.lastIndexOf('/')));
            files.computeIfAbsent(stem, key -> new ArrayList<>()).add(file);
        }
        PictureFiles pictures = new PictureFiles(folder);
        List<Sample> samples = new ArrayList<>();
        pictures.byStem().forEach((stem, picture) -> {
            List<Path> own = files.remove(stem);
            if (own != null) {
                MaskFiles objects = new MaskFiles(own, options.masks());
                samples.add(new Sample(pictures.name(picture), picture, options.pictures(), 0, 0, objects));
            } else {
                boolean empty = Files.isDirectory(masks.resolve(stem));
                findings.leaveOut(empty ? "pictures without objects" : "pictures without annotations", 1);
            }
        });
        files.forEach((stem, orphans) -> findings.bad(
                orphans.get(0) + " belongs to no picture: none in " + folder + " has the name of its folder"));
        return samples;
    }

    /** Pictures of one mask each. */
    private record MaskFiles(List<Path> files, ReadOptions options) implements ObjectMasks {
        @Override
        public int count() {
            return files.size();
        }

        @Override
        public String name(int object) {
            return files.get(object).getFileName().toString();
        }

        @Override
        public List<Mask> decode(int[] objects, int width, int height) {
            return IntStream.of(objects)
                    .mapToObj(object -> decode(files.get(object), width, height))
                    .toList();
        }

        private Mask decode(Path file, int width, int height) {
            Mask mask = MaskPng.read(file, options);
            if (mask.width() != width || mask.height() != height) {
                throw new TrainingException(file + " has " + mask.width() + "x" + mask.height()
                        + " pixels, its picture " + width + "x" + height);
            }
            return mask;
        }
    }
}
