package dev.sam2j.cli.options;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Where results go. */
public final class OutputOptions {
    @Option(
            names = {"-o", "--output"},
            paramLabel = "DIR",
            required = true,
            description = "Folder for the results; it is made if it is not there.")
    private Path folder;

    /** The folder as the user named it. */
    public Path folder() {
        return folder;
    }
}
