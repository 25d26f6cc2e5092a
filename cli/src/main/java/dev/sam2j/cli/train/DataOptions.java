package dev.sam2j.cli.train;

import dev.sam2j.cli.terminal.CliException;
import dev.sam2j.training.TrainingData;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;

/** The pictures that {@code sam2j train} learns from and scores on. */
final class DataOptions {
    private static final String KINDS = "coco:FILE, labels:DIR, masks:DIR, labelme:DIR or yolo:DIR";

    @Option(
            names = "--data",
            paramLabel = "KIND:PATH",
            required = true,
            description = "Annotations, may be given several times: coco:FILE.json, labels:DIR (a label PNG per "
                    + "picture), masks:DIR (a folder of mask PNGs per picture), labelme:DIR, yolo:DIR.")
    private List<String> data;

    @Option(
            names = "--images",
            paramLabel = "DIR",
            description = "Folder of the pictures (default: where the annotations are).")
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

    /** Learned from. */
    TrainingData training() {
        return TrainingData.mixed(data.stream()
                .map(one -> data("--data", one, images))
                .toList());
    }

    /** Scored, or null. */
    TrainingData validation() {
        return validation == null ? null : data("--val", validation, validationImages);
    }

    /** What is to be kept, or null. */
    TrainingData general() {
        return general == null ? null : data("--keep-general", general, generalImages);
    }

    boolean skipBad() {
        return skipBad;
    }

    private static TrainingData data(String option, String text, Path images) {
        int colon = text.indexOf(':');
        String kind = colon < 0 ? "" : text.substring(0, colon);
        String rest = text.substring(colon + 1);
        if (rest.isEmpty()) {
            throw CliException.usage(option + ": expected " + KINDS + ", got '" + text + "'");
        }
        Path path = Path.of(rest);
        return switch (kind) {
            case "coco" -> TrainingData.coco(path, images);
            case "labels" -> TrainingData.labels(path, images);
            case "masks" -> TrainingData.masks(path, images);
            case "labelme" -> TrainingData.labelMe(path);
            case "yolo" -> TrainingData.yolo(path, images);
            default -> throw CliException.usage(option + ": expected " + KINDS + ", got '" + text + "'");
        };
    }
}
