package dev.sam2j.cli.segment;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Where results go. */
final class OutputOptions {
    @Option(
            names = {"-o", "--output"},
            paramLabel = "DIR",
            required = true,
            description = "Folder for the results; it is made if it is not there.")
    private Path folder;

    @Option(names = "--json", description = "Print result.json to stdout too.")
    private boolean json;

    /** The folder as the user named it. */
    Path folder() {
        return folder;
    }

    /** Whether the result is printed. */
    boolean json() {
        return json;
    }
}
