package dev.sam2j.fuzz;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.sun.management.ThreadMXBean;
import dev.sam2j.common.io.PrintableText;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * The rule for files that nobody vouches for: whatever a file claims, a parser answers or refuses it within two seconds
 * of processor time, having allocated no more than {@link #FREE_BYTES} and four times the size of the file and of the
 * answer. It refuses with one of its declared exceptions, whose message is one printable sentence.
 */
final class Budget {
    /** What a parser may allocate for the smallest of files, most of it garbage soon. */
    static final long FREE_BYTES = 256 << 20;

    private static final int TIMES = 4;
    private static final long MAX_NANOS = 2_000_000_000L;

    private static final boolean FUZZING = System.getenv("JAZZER_FUZZ") != null;

    /** Code that Jazzer counts the branches of is slower. */
    private static final int SLOWER = FUZZING ? 5 : 1;

    private static final int LONGEST_MESSAGE = 1100;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final Path FILE = file();

    private Budget() {}

    /** What is tried. */
    @FunctionalInterface
    interface Parser {
        /** Reads a file and returns the size of the answer in bytes, as the rule counts it. */
        long parse(Path file) throws Exception;
    }

    /** What a run took; {@code problem} is null if the file was answered. */
    private record Run(long nanos, long allocated, long answer, Exception problem) {
        boolean within(long size) {
            return nanos <= MAX_NANOS * SLOWER && allocated <= limit(size);
        }

        private long limit(long size) {
            return FREE_BYTES + TIMES * (size + answer);
        }

        String describe(long size) {
            return String.format(
                    Locale.ROOT,
                    "%s a file of %,d bytes after %,d of %,d ms and %,d of %,d bytes%s",
                    problem == null ? "answered" : "refused",
                    size,
                    nanos / 1_000_000,
                    MAX_NANOS * SLOWER / 1_000_000,
                    allocated,
                    limit(size),
                    problem == null ? "" : ": " + PrintableText.shortened(String.valueOf(problem.getMessage()), 200));
        }
    }

    private static Path file() {
        try {
            Path file = Files.createTempFile("fuzz-", ".bin");
            file.toFile().deleteOnExit();
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Holds a parser to the rule.
     *
     * @param declared the exceptions it may refuse the file with
     * @return whether the file was answered
     */
    static boolean check(byte[] input, Parser parser, Class<?>... declared) {
        write(input);
        Run run = run(parser);
        if (!run.within(input.length)) {
            // The first run may have loaded classes, and been interpreted.
            run = run(parser);
        }
        if (run.problem() != null) {
            checkRefusal(run.problem(), List.of(declared));
        }
        if (!FUZZING) {
            System.out.println(run.describe(input.length));
        }
        if (!run.within(input.length)) {
            fail(run.describe(input.length));
        }
        return run.problem() == null;
    }

    /** As {@link #check}, for a file that must not be answered. */
    static void refused(byte[] input, Parser parser, Class<?>... declared) {
        assertTrue(!check(input, parser, declared), "the file was answered");
    }

    private static void write(byte[] input) {
        try {
            Files.write(FILE, input);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Run run(Parser parser) {
        long id = Thread.currentThread().getId();
        long allocated = THREADS.getThreadAllocatedBytes(id);
        long start = THREADS.getCurrentThreadCpuTime();
        long answer = 0;
        Exception problem = null;
        try {
            answer = parser.parse(FILE);
        } catch (Exception e) {
            problem = e;
        } catch (OutOfMemoryError | StackOverflowError e) {
            throw new AssertionError("neither answered nor refused: " + e, e);
        }
        long nanos = THREADS.getCurrentThreadCpuTime() - start;
        return new Run(nanos, THREADS.getThreadAllocatedBytes(id) - allocated, answer, problem);
    }

    private static void checkRefusal(Exception problem, List<Class<?>> declared) {
        String message = PrintableText.shortened(String.valueOf(problem.getMessage()), LONGEST_MESSAGE);
        if (declared.stream().noneMatch(type -> type.isInstance(problem))) {
            throw new AssertionError("not a declared exception: " + problem.getClass() + ": " + message, problem);
        }
        assertNotNull(problem.getMessage(), () -> "no message: " + problem);
        int length = problem.getMessage().length();
        assertTrue(length > 0 && length <= LONGEST_MESSAGE, () -> length + " characters: " + message);
        assertTrue(PrintableText.isPrintable(problem.getMessage()), () -> "not printable: " + message);
    }
}
