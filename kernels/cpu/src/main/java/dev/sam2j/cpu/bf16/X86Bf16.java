package dev.sam2j.cpu.bf16;

import dev.sam2j.cpu.attention.Attention;
import dev.sam2j.cpu.products.ProductKernel;
import dev.sam2j.cpu.x86.Bf16Code;
import dev.sam2j.cpu.x86.NativeCode;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/** The functions of {@link Bf16Code}, linked, and whether this process can run them. */
public final class X86Bf16 {
    private static final List<String> NEEDED = List.of("avx512f", "avx512_bf16");

    private X86Bf16() {}

    /** The functions: constants, so that calls to them are compiled into their callers. */
    static final class Linked {
        static final MethodHandle TILES;
        static final MethodHandle COLUMNS_2;
        static final MethodHandle COLUMNS_1;

        static {
            try {
                NativeCode linker = new NativeCode();
                TILES = function(linker, Bf16Code.tiles(ProductKernel.ROW_STRIDE * Float.BYTES));
                COLUMNS_2 = function(linker, Bf16Code.columns(2, Attention.STRIDE * Float.BYTES));
                COLUMNS_1 = function(linker, Bf16Code.columns(1, Attention.STRIDE * Float.BYTES));
            } catch (Throwable e) {
                throw new ExceptionInInitializerError(e);
            }
        }

        private static MethodHandle function(NativeCode linker, byte[] code) throws Throwable {
            return linker.function(code, Bf16Code.POINTERS, Bf16Code.NUMBERS);
        }

        static void load() {}
    }

    /** {@link #unavailableReason}, found once. */
    private static final class Reason {
        static final String TEXT = find();

        private static String find() {
            String reason = NativeCode.unavailableReason();
            if (reason != null) {
                return reason;
            }
            if (!processorFlags().containsAll(NEEDED)) {
                return "it needs a processor with AVX512_BF16";
            }
            try {
                Linked.load();
                return null;
            } catch (ExceptionInInitializerError e) {
                Throwable cause = e;
                while (cause.getCause() != null) {
                    cause = cause.getCause();
                }
                return cause instanceof IllegalCallerException
                        ? "it needs Java to be started with --enable-native-access=ALL-UNNAMED"
                        : "it cannot run machine code: " + cause.getMessage();
            }
        }

        /** What Linux says that the processor can do and the system supports; empty if it says nothing. */
        private static List<String> processorFlags() {
            try (BufferedReader reader = Files.newBufferedReader(Path.of("/proc/cpuinfo"))) {
                for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                    if (line.startsWith("flags")) {
                        return Arrays.asList(line.split(" "));
                    }
                }
            } catch (IOException e) {
                System.getLogger(X86Bf16.class.getName()).log(System.Logger.Level.DEBUG, "/proc/cpuinfo", e);
            }
            return List.of();
        }
    }

    /** Why this process cannot run them, as a sentence about bfloat16, or null if it can. */
    public static String unavailableReason() {
        return Reason.TEXT;
    }

    /** The loops of machine code run once at least. */
    static void checkCounts(int depth, int repetitions) {
        if (depth < 1 || repetitions < 1) {
            throw new IllegalArgumentException("product of " + depth + " words, " + repetitions + " times");
        }
    }

    /** Machine code does not look at the lengths of arrays. */
    static void check(float[] array, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, array.length);
    }

    /** What a call of a method handle threw: nothing checked. */
    static RuntimeException unexpected(Throwable e) {
        if (e instanceof Error error) {
            throw error;
        }
        throw (RuntimeException) e;
    }
}
