package dev.sam2j.cli.terminal;

import dev.sam2j.Sam2jException;
import dev.sam2j.common.io.AtomicFiles;
import dev.sam2j.common.io.PrintableText;
import dev.sam2j.predictors.PromptException;
import dev.sam2j.predictors.image.PictureException;
import dev.sam2j.predictors.video.VideoException;
import dev.sam2j.weights.CheckpointException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.UnknownHostException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.FileSystemException;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionStrategy;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Turns whatever goes wrong into one sentence on stderr and an exit code. */
public final class Failures {
    public static final int FAILURE = 1;
    public static final int USAGE = 2;

    /** Most characters of a message: it may quote a file. */
    private static final int LONGEST = 1000;

    private static final String UNKNOWN = "no details";

    private Failures() {}

    /** Tells of arguments that picocli could not make sense of. */
    public static int usage(ParameterException e, String[] args) {
        CommandLine command = e.getCommandLine();
        // A misspelt option is why another is missing, more often than not.
        List<String> unknown = e instanceof MissingParameterException ? command.getUnmatchedArguments() : List.of();
        return report(unknown.isEmpty() ? e : new UnmatchedArgumentException(command, unknown), command);
    }

    /** Tells of an exception of a command. */
    public static int execution(Exception e, CommandLine commandLine, ParseResult parsed) {
        return report(e, commandLine);
    }

    /** A strategy that shows log lines as messages, and treats errors (memory above all) like exceptions. */
    public static IExecutionStrategy guarded(IExecutionStrategy strategy) {
        return parsed -> {
            CommandLine root = parsed.commandSpec().commandLine();
            Streams streams = root.getCommand();
            try (LogLines lines = LogLines.install(streams.err(), streams.quiet(), streams.debug())) {
                return strategy.execute(parsed);
            } catch (Error e) {
                List<CommandLine> commands = parsed.asCommandLineList();
                return report(e, commands.get(commands.size() - 1));
            }
        };
    }

    private static int report(Throwable e, CommandLine commandLine) {
        boolean usage = isUsage(e);
        String hint = usage ? " (see " + commandLine.getCommandSpec().qualifiedName() + " --help)" : "";
        Streams streams = commandLine.getCommandSpec().root().commandLine().getCommand();
        streams.err().line(Console.PREFIX + sentence(e) + hint);
        if (streams.debug()) {
            e.printStackTrace(streams.err());
            streams.err().flush();
        }
        return usage ? USAGE : FAILURE;
    }

    /** Whether the command line is to blame. */
    static boolean isUsage(Throwable e) {
        return e instanceof ParameterException
                || e instanceof PromptException
                || e instanceof CliException own && own.isUsage();
    }

    /** What happened, on one line. */
    public static String sentence(Throwable failure) {
        Throwable e = unwrapped(failure);
        if (e instanceof UnmatchedArgumentException unmatched) {
            return unmatchedSentence(unmatched);
        } else if (e instanceof OutOfMemoryError) {
            return memorySentence(firstLine(e));
        } else if (e instanceof InvalidPathException name) {
            return Arguments.unusable(name);
        } else if (e instanceof FileSystemException file && file.getFile() != null) {
            return fileSentence(file);
        } else if (e instanceof UnknownHostException) {
            return "there is no host '" + e.getMessage() + "', or no network";
        } else if (e instanceof IOException io) {
            return firstLine(AtomicFiles.reason(io));
        } else if (e instanceof InternalError && firstLine(e).contains("memory access")) {
            return "a file was cut short, or its disk failed, while it was read";
        } else if (e instanceof Sam2jException || isUsage(e)) {
            return isOneSentence(e) ? PrintableText.shortened(e.getMessage(), LONGEST) : firstLine(e);
        }
        return "unexpected failure, " + e.getClass().getSimpleName() + ": " + firstLine(e)
                + " (--debug shows where it happened)";
    }

    /** What others have wrapped without a word of their own. */
    private static Throwable unwrapped(Throwable e) {
        boolean wrapped = e instanceof UncheckedIOException
                || e instanceof DirectoryIteratorException
                || e instanceof CompletionException
                || e instanceof ExecutionException
                || e instanceof ExceptionInInitializerError
                || e instanceof ParameterException
                        && (e.getCause() instanceof CliException || e.getCause() instanceof PromptException);
        return wrapped && e.getCause() != null ? unwrapped(e.getCause()) : e;
    }

    private static String unmatchedSentence(UnmatchedArgumentException e) {
        String argument = e.getUnmatched().get(0);
        String sentence =
                (e.isUnknownOption() ? "there is no option '" : "nothing is known to be done with '") + argument + "'";
        List<String> meant = e.getSuggestions();
        return meant.isEmpty() ? sentence : sentence + "; did you mean " + String.join(" or ", meant) + "?";
    }

    /** More heap helps only where heap is short. */
    private static String memorySentence(String details) {
        if (details.contains("thread")) {
            return "the system allows no more threads (" + details + ")";
        }
        if (details.contains("Map failed")) {
            return "the system has no room to map a file into memory (" + details + ")";
        }
        long heap = Runtime.getRuntime().maxMemory() >> 20;
        return "out of memory: the Java heap is limited to " + heap
                + " MB, raise it with SAM2J_JAVA_OPTS=-Xmx8g or take a smaller model (" + details + ")";
    }

    /** Whether a line break in the message is one of a file's name. */
    private static boolean isOneSentence(Throwable e) {
        return e instanceof CliException
                || e instanceof PictureException
                || e instanceof VideoException
                || e instanceof CheckpointException;
    }

    private static String fileSentence(FileSystemException e) {
        return e instanceof NoSuchFileException
                ? e.getFile() + " does not exist"
                : e.getFile() + ": " + AtomicFiles.reason(e);
    }

    private static String firstLine(Throwable e) {
        return firstLine(e.getMessage() == null ? UNKNOWN : e.getMessage());
    }

    private static String firstLine(String message) {
        return PrintableText.shortened(
                message.lines().findFirst().orElse(UNKNOWN).strip(), LONGEST);
    }
}
