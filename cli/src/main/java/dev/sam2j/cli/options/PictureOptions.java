package dev.sam2j.cli.options;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sam2j.cli.files.InputFile;
import dev.sam2j.cli.terminal.CliException;
import dev.sam2j.cli.terminal.Console;
import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.image.ReadOptions;
import dev.sam2j.predictors.image.Window;
import dev.sam2j.predictors.image.WindowChoice;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** How picture files are read. */
public final class PictureOptions {
    /** What to do about what the reader chose. */
    private static final String CHOICES = " (--page, --channels and --window choose)";

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(
            names = "--ignore-exif",
            description = "Take pictures as they are stored, even if their EXIF data say that they are turned.")
    private boolean ignoreExif;

    @Option(names = "--page", paramLabel = "N", description = "Page of a TIFF file, from 1 (default: 1).")
    private int page = 1;

    @Option(
            names = "--channels",
            paramLabel = "N[,N,N]",
            split = ",",
            description = "Channels of a TIFF file, from 1: one for grey, three for red, green and blue "
                    + "(default: its colours, or the first channel).")
    private List<Integer> channels = List.of();

    @Option(
            names = "--window",
            paramLabel = "LOW,HIGH",
            split = ",",
            description = "Samples that become black and white (default: the range of the samples' type, "
                    + "or percentiles of pictures that fill less than a quarter of it).")
    private List<Double> window = List.of();

    /** The options as the library takes them; what it chooses by itself is told. */
    public ReadOptions options() {
        if (page < 1) {
            throw CliException.usage("--page: pages count from 1, got " + page);
        }
        if (channels.size() == 2 || channels.size() > 3 || channels.stream().anyMatch(channel -> channel < 1)) {
            throw CliException.usage(
                    "--channels: one or three channels are wanted, counted from 1, got " + text(channels));
        }
        Console console = Console.of(spec);
        return ReadOptions.DEFAULT
                .withOrientation(!ignoreExif)
                .withPage(page - 1)
                .withChannels(channels.stream().map(channel -> channel - 1).toList())
                .withWindow(windowChoice())
                .withNotices(notice -> console.say(notice + CHOICES));
    }

    private WindowChoice windowChoice() {
        if (window.isEmpty()) {
            return WindowChoice.usual();
        }
        if (window.size() != 2) {
            throw CliException.usage("--window: LOW,HIGH is wanted, got " + text(window));
        }
        try {
            return WindowChoice.of(new Window(window.get(0), window.get(1)));
        } catch (IllegalArgumentException e) {
            throw CliException.usage("--" + e.getMessage());
        }
    }

    private static String text(List<?> values) {
        return values.stream().map(String::valueOf).collect(Collectors.joining(","));
    }

    /** Adds what was chosen, and results depend on, to a record of settings. */
    public void addTo(ObjectNode settings) {
        settings.put("ignore_exif", ignoreExif);
        if (page > 1) {
            settings.put("page", page);
        }
        if (!channels.isEmpty()) {
            settings.put("channels", text(channels));
        }
        if (!window.isEmpty()) {
            settings.put("window", text(window));
        }
    }

    /** Reads a picture, from standard input if it is called {@code -}. */
    public Picture read(Path file) {
        return InputFile.isStdin(file)
                ? Picture.read(System.in, "standard input", options())
                : Picture.read(file, options());
    }

    /** Whether a picture that {@link #read} gave was turned on its side by its EXIF orientation. */
    public boolean turned(Path file, Picture picture) {
        if (ignoreExif || InputFile.isStdin(file)) {
            return false;
        }
        Picture stored = Picture.read(file, options().withOrientation(false).withNotices(notice -> {}));
        return stored.width() == picture.height() && stored.height() == picture.width();
    }
}
