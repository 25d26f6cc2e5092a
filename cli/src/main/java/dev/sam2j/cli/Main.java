package dev.sam2j.cli;

import dev.sam2j.cli.auto.AutoCommand;
import dev.sam2j.cli.doctor.DoctorCommand;
import dev.sam2j.cli.files.PathArgument;
import dev.sam2j.cli.segment.SegmentCommand;
import dev.sam2j.cli.terminal.Arguments;
import dev.sam2j.cli.terminal.CliException;
import dev.sam2j.cli.terminal.Console;
import dev.sam2j.cli.terminal.Failures;
import dev.sam2j.cli.terminal.Streams;
import dev.sam2j.cli.terminal.Terminal;
import dev.sam2j.cli.terminal.Version;
import dev.sam2j.cli.track.TrackCommand;
import dev.sam2j.cli.train.TrainCommand;
import dev.sam2j.cli.vos.EvalCommand;
import dev.sam2j.cli.vos.VosCommand;
import dev.sam2j.cli.weights.ConvertCommand;
import dev.sam2j.cli.weights.DownloadCommand;
import dev.sam2j.cli.weights.InspectCommand;
import dev.sam2j.common.UserHome;
import dev.sam2j.common.io.AtomicFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/**
 * The {@code sam2j} command. Exit codes: 0 done, 2 wrong usage, 1 any other failure, {@value #BROKEN_PIPE} if nobody
 * reads what it prints any more.
 */
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
            TrainCommand.class,
            ConvertCommand.class,
            DownloadCommand.class,
            DoctorCommand.class
        })
public final class Main implements Runnable, Streams {
    /** What shells tell of a process that a closed pipe ended. */
    private static final int BROKEN_PIPE = 141;

    private static final Pattern PIPE = Pattern.compile("pipe", Pattern.CASE_INSENSITIVE);

    private final Terminal out;
    private final Terminal err;

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

    private Main(Terminal out, Terminal err) {
        this.out = out;
        this.err = err;
    }

    /** Runs the command and ends the JVM with its exit code. */
    public static void main(String[] args) {
        UserHome.settle();
        // Pictures are painted in memory; without this a desktop's window system would be looked for.
        System.setProperty("java.awt.headless", "true");
        System.exit(run(Terminal.stdout(), Terminal.stderr(), args));
    }

    /** Runs the command; returns its exit code, which is 0 only if all that it printed was written. */
    public static int run(Terminal out, Terminal err, String... args) {
        String undecoded = Arguments.undecoded(args);
        if (undecoded != null) {
            err.line(Console.PREFIX + undecoded);
            return Failures.USAGE;
        }
        int code = commandLine(out, err).execute(args);
        IOException failure = out.failure();
        if (failure == null || code != 0) {
            return code;
        }
        String reason = AtomicFiles.reason(failure);
        if (PIPE.matcher(reason).find()) {
            return BROKEN_PIPE; // in silence: who closed it has read enough
        }
        err.line(Console.PREFIX + "the output could not be written to stdout: " + reason);
        return Failures.FAILURE;
    }

    /** The parsed command tree, with its exit codes, ready to execute. */
    public static CommandLine commandLine(Terminal out, Terminal err) {
        CommandLine commandLine = new CommandLine(new Main(out, err));
        commandLine.setOut(out).setErr(err);
        commandLine.setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF));
        commandLine.setCaseInsensitiveEnumValuesAllowed(true);
        commandLine.registerConverter(Path.class, new PathArgument());
        commandLine.setParameterExceptionHandler(Failures::usage);
        commandLine.setExecutionExceptionHandler(Failures::execution);
        commandLine.setExecutionStrategy(Failures.guarded(new CommandLine.RunLast()));
        return commandLine;
    }

    @Override
    public Terminal out() {
        return out;
    }

    @Override
    public Terminal err() {
        return err;
    }

    @Override
    public boolean debug() {
        return debug || System.getenv("SAM2J_DEBUG") != null;
    }

    @Override
    public boolean quiet() {
        return quiet;
    }

    /** Without a subcommand there is nothing to do: wrong usage. */
    @Override
    public void run() {
        throw CliException.usage(
                "name a command: " + String.join(", ", spec.subcommands().keySet()));
    }
}
