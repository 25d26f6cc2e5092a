package dev.sam2j.cli.train;

import dev.sam2j.cli.terminal.CliException;
import dev.sam2j.predictors.image.ReadOptions;
import dev.sam2j.training.TrainingData;
import dev.sam2j.training.TrainingException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;

/** The pictures that {@code sam2j train} learns from and scores on. */
final class DataOptions {
    @Option(
            names = "--data",
            paramLabel = "KIND:PATH",
            required = true,
            description = "Annotations, may be given several times: coco:FILE.json, labels:DIR (a label PNG per "
                    + "picture), masks:DIR (a folder of mask PNGs per picture), labelme:DIR, yolo:DIR.")
    private List<String> data;

    @Option(names = "--images", paramLabel = "DIR", description = "Folder of the pictures.")
    private Path images;

    @Option(
            names = "--val",
            paramLabel = "KIND:PATH",
            description = "Pictures that validate instead of a share of the others.")
    private String validation;

    @Option(names = "--val-images", paramLabel = "DIR", description = "Folder of the pictures of --val.")
    private Path validationImages;

    @Option(
            names = "--keep-general",
            paramLabel = "KIND:PATH",
            description = "Pictures of another kind, to see what the model forgets.")
    private String general;

    @Option(names = "--keep-general-images", paramLabel = "DIR", description = "Folder of the pictures of it.")
    private Path generalImages;

    @Option(
            names = "--skip-bad",
            description = "Leave out pictures and annotations that cannot be used instead of stopping.")
    private boolean skipBad;

    @Option(
            names = "--val-list",
            paramLabel = "FILE",
            description = "File that names the pictures that validate, one a line.")
    private Path validationList;

    @Option(
            names = "--val-fraction",
            paramLabel = "SHARE",
            description = "Share of the pictures that validate, drawn by their names (default: 0.1).")
    private Double validationShare;

    @Option(
            names = "--categories",
            paramLabel = "NAME",
            split = ",",
            description = "Learn from objects of these classes only: names in COCO and LabelMe, numbers in YOLO.")
    private List<String> categories = List.of();

    @Option(
            names = "--void",
            paramLabel = "VALUE",
            description = "Value of label pictures that means unknown; no object is made of it.")
    private Integer unknown;

    /** Learned from. */
    TrainingData training(ReadOptions reading) {
        return skipping(TrainingData.mixed(data.stream()
                .map(one -> chosen(read("--data", one, images, reading)))
                .toArray(TrainingData[]::new)));
    }

    /** Scored, or null. */
    TrainingData validation(ReadOptions reading) {
        return validation == null ? null : skipping(chosen(read("--val", validation, validationImages, reading)));
    }

    /** What is to be kept, or null. */
    TrainingData general(ReadOptions reading) {
        return general == null ? null : skipping(read("--keep-general", general, generalImages, reading));
    }

    /** Which pictures validate, or null. */
    Path validationList() {
        return validationList;
    }

    /** How many validate, or null. */
    Double validationShare() {
        return validationShare;
    }

    private static TrainingData read(String option, String text, Path folder, ReadOptions reading) {
        try {
            return TrainingData.of(text, folder).withReadOptions(reading);
        } catch (TrainingException e) {
            throw CliException.usage(option + ": " + e.getMessage());
        }
    }

    private TrainingData chosen(TrainingData pictures) {
        TrainingData some =
                categories.isEmpty() ? pictures : pictures.withCategories(categories.toArray(String[]::new));
        return unknown == null ? some : some.withVoid(unknown);
    }

    private TrainingData skipping(TrainingData pictures) {
        return skipBad ? pictures.skippingBad() : pictures;
    }
}
