package dev.sam2j.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The {@code sam2j} command. Exit codes: 0 done, 2 wrong usage, 1 any other failure. */
@Command(
        name = "sam2j",
        description = "Segment pictures with SAM 2.1.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class)
public final class Main implements Runnable {
    @Spec
    private CommandSpec spec;

    /** Runs the command and ends the JVM with its exit code. */
    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    /** The parsed command tree, with its exit codes, ready to execute. */
    static CommandLine commandLine() {
        return new CommandLine(new Main());
    }

    /** Without a subcommand there is nothing to do: wrong usage. */
    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Name a command.");
    }
}
