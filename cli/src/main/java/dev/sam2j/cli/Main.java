package dev.sam2j.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The {@code sam2j} command. Exit codes: 0 done, 2 wrong usage, 1 any other failure. */
@Command(
        name = "sam2j",
        description = "Segment pictures and track objects through videos with SAM 2.1.",
        mixinStandardHelpOptions = true,
        scope = ScopeType.INHERIT,
        versionProvider = Version.class,
        synopsisSubcommandLabel = "COMMAND",
        sortOptions = false,
        usageHelpAutoWidth = true,
        subcommands = {
            SegmentCommand.class,
            AutoCommand.class,
            TrackCommand.class,
            VosCommand.class,
            EvalCommand.class,
            InspectCommand.class,
            ConvertCommand.class,
            DownloadCommand.class,
            DoctorCommand.class
        })
public final class Main implements Runnable {
    @Spec
    private CommandSpec spec;

    @Option(
            names = "--debug",
            scope = ScopeType.INHERIT,
            description = "Show stack traces and details of failures; the variable SAM2J_DEBUG does the same.")
    private boolean debug;

    @Option(
            names = {"-q", "--quiet"},
            scope = ScopeType.INHERIT,
            description = "Print no messages but failures.")
    private boolean quiet;

    /** Runs the command and ends the JVM with its exit code. */
    public static void main(String[] args) {
        // Pictures are painted in memory; without this a desktop's window system would be looked for.
        System.setProperty("java.awt.headless", "true");
        System.exit(commandLine().execute(args));
    }

    /** The parsed command tree, with its exit codes, ready to execute. */
    static CommandLine commandLine() {
        CommandLine commandLine = new CommandLine(new Main());
        commandLine.setCaseInsensitiveEnumValuesAllowed(true);
        commandLine.setParameterExceptionHandler(Failures::usage);
        commandLine.setExecutionExceptionHandler(Failures::execution);
        commandLine.setExecutionStrategy(Failures.guarded(new CommandLine.RunLast()));
        return commandLine;
    }

    /** Whether failures are shown with their stack traces. */
    boolean debug() {
        return debug || System.getenv("SAM2J_DEBUG") != null;
    }

    /** Whether only failures are told. */
    boolean quiet() {
        return quiet;
    }

    /** Without a subcommand there is nothing to do: wrong usage. */
    @Override
    public void run() {
        throw CliException.usage(
                "name a command: " + String.join(", ", spec.subcommands().keySet()));
    }
}
