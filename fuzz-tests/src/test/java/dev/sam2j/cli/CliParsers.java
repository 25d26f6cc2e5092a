package dev.sam2j.cli;

import dev.sam2j.cli.auto.AutoOptions;
import dev.sam2j.cli.prompts.BoxList;
import dev.sam2j.cli.prompts.BoxesFile;
import dev.sam2j.cli.terminal.CliException;
import dev.sam2j.cli.terminal.Failures;
import dev.sam2j.cli.track.StepsFile;
import dev.sam2j.predictors.auto.PointGrid;
import dev.sam2j.predictors.image.Picture;
import java.nio.file.Path;
import java.util.List;
import java.util.function.IntSupplier;
import picocli.CommandLine;

/** The command's readers of JSON, for harnesses of another package. */
public final class CliParsers {
    private static final Path NAME = Path.of("a.jpg");
    private static final Picture PICTURE = Picture.of(new byte[3 * 64 * 48], 64, 48);

    private CliParsers() {}

    /** A file that a reader refused; the message is the command's. */
    public static final class Refusal extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private Refusal(CliException e) {
            super(Failures.sentence(e), e);
        }
    }

    private static int read(IntSupplier reader) {
        try {
            return reader.getAsInt();
        } catch (CliException e) {
            throw new Refusal(e);
        }
    }

    /** Reads a file of steps and returns how many there are. */
    public static int steps(Path file) {
        return read(() -> StepsFile.read(file).size());
    }

    /** Reads a file of boxes for a picture called {@code a.jpg} and returns how many of them can be asked. */
    public static int boxes(Path file) {
        return read(() -> {
            BoxList boxes = BoxesFile.read(file, List.of(NAME), null).of(NAME);
            return boxes == null
                    ? 0
                    : boxes.check(PICTURE, true, () -> false).targets().size();
        });
    }

    /** Reads a file of points for automatic masks and returns how many there are. */
    public static int grids(Path file) {
        AutoOptions options = new AutoOptions();
        new CommandLine(options).setCaseInsensitiveEnumValuesAllowed(true).parseArgs("--point-grids", file.toString());
        return read(() -> options.toAutomaticMaskOptions().pointGrids().stream()
                .mapToInt(PointGrid::size)
                .sum());
    }
}
