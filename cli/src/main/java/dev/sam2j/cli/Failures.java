package dev.sam2j.cli;

import dev.sam2j.configs.ConfigException;
import dev.sam2j.predictors.ModelException;
import dev.sam2j.predictors.PromptException;
import dev.sam2j.predictors.image.PictureException;
import dev.sam2j.predictors.video.VideoException;
import dev.sam2j.tensor.BackendException;
import dev.sam2j.tensor.WeightsException;
import dev.sam2j.weights.CheckpointException;
import dev.sam2j.weights.io.PrintableText;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionStrategy;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** Turns whatever goes wrong into one sentence on stderr and an exit code. */
final class Failures {
    static final int FAILURE = 1;
    static final int USAGE = 2;

    /** Most characters of a message: it may quote a file. */
    private static final int LONGEST = 1000;

    private Failures() {}

    /** Tells of arguments that picocli could not make sense of. */
    static int usage(ParameterException e, String[] args) {
        return report(e, e.getCommandLine());
    }

    /** Tells of an exception of a command. */
    static int execution(Exception e, CommandLine commandLine, ParseResult parsed) {
        return report(e, commandLine);
    }

    /** A strategy that shows log lines as messages, and treats errors (memory above all) like exceptions. */
    static IExecutionStrategy guarded(IExecutionStrategy strategy) {
        return parsed -> {
            CommandLine root = parsed.commandSpec().commandLine();
            Main main = root.getCommand();
            try (LogLines lines = LogLines.install(main.err(), main.quiet(), main.debug())) {
                return strategy.execute(parsed);
            } catch (OutOfMemoryError | StackOverflowError | LinkageError e) {
                return report(e, last(parsed));
            }
        };
    }

    private static CommandLine last(ParseResult parsed) {
        ParseResult last = parsed;
        while (last.hasSubcommand()) {
            last = last.subcommand();
        }
        return last.commandSpec().commandLine();
    }

    private static int report(Throwable e, CommandLine commandLine) {
        boolean usage = isUsage(e);
        String hint = usage ? " (see " + commandLine.getCommandSpec().qualifiedName() + " --help)" : "";
        Main main = commandLine.getCommandSpec().root().commandLine().getCommand();
        main.err().line(Console.PREFIX + sentence(e) + hint);
        if (main.debug()) {
            e.printStackTrace(main.err());
            main.err().flush();
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
    static String sentence(Throwable e) {
        if (e instanceof UncheckedIOException wrapped) {
            return sentence(wrapped.getCause());
        }
        if (e instanceof ParameterException
                && (e.getCause() instanceof CliException || e.getCause() instanceof PromptException)) {
            return firstLine(e.getCause());
        }
        if (e instanceof FileSystemException file && file.getReason() == null && file.getFile() != null) {
            return fileSentence(file);
        }
        if (e instanceof OutOfMemoryError) {
            long heap = Runtime.getRuntime().maxMemory() >> 20;
            return "out of memory: the Java heap is limited to " + heap
                    + " MB, raise it with SAM2J_JAVA_OPTS=-Xmx8g or take a smaller model (" + firstLine(e) + ")";
        }
        if (e instanceof InvalidPathException name) {
            return Arguments.unusable(name);
        }
        if (isExpected(e)) {
            return firstLine(e);
        }
        return "unexpected failure, " + e.getClass().getSimpleName() + ": " + firstLine(e)
                + " (--debug shows where it happened)";
    }

    private static boolean isExpected(Throwable e) {
        return isUsage(e)
                || e instanceof CliException
                || e instanceof PictureException
                || e instanceof CheckpointException
                || e instanceof WeightsException
                || e instanceof ConfigException
                || e instanceof ModelException
                || e instanceof BackendException
                || e instanceof VideoException
                || e instanceof IOException;
    }

    private static String fileSentence(FileSystemException e) {
        if (e instanceof NoSuchFileException) {
            return e.getFile() + " does not exist";
        }
        if (e instanceof AccessDeniedException) {
            return e.getFile() + ": permission denied";
        }
        return e.getFile() + ": " + e.getClass().getSimpleName();
    }

    private static String firstLine(Throwable e) {
        String message = e.getMessage() == null ? "no details" : e.getMessage();
        return PrintableText.shortened(
                message.lines().findFirst().orElse("no details").strip(), LONGEST);
    }
}
