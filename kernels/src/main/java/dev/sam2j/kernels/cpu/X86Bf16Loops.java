package dev.sam2j.kernels.cpu;

import dev.sam2j.kernels.x86.Bf16Code;
import dev.sam2j.kernels.x86.NativeCode;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/** {@link Bf16Loops} by machine code ({@link Bf16Code}) and vectors of 512 bits. */
final class X86Bf16Loops implements Bf16Loops {
    private static final List<String> NEEDED = List.of("avx512f", "avx512_bf16");
    private static final int FLOAT = Float.BYTES;

    /** The functions: constants, so that calls to them are compiled into their callers. */
    private static final class Linked {
        static final MethodHandle TILES_12;
        static final MethodHandle TILES_6;
        static final MethodHandle TILES_4;
        static final MethodHandle COLUMNS_2;
        static final MethodHandle COLUMNS_1;

        static {
            try {
                NativeCode linker = new NativeCode();
                TILES_12 = tiles(linker, 12);
                TILES_6 = tiles(linker, 6);
                TILES_4 = tiles(linker, 4);
                COLUMNS_2 = columns(linker, 2);
                COLUMNS_1 = columns(linker, 1);
            } catch (Throwable e) {
                throw new ExceptionInInitializerError(e);
            }
        }

        private static MethodHandle tiles(NativeCode linker, int rows) throws Throwable {
            return function(linker, Bf16Code.tiles(rows, ProductKernel.ROW_STRIDE * FLOAT));
        }

        private static MethodHandle columns(NativeCode linker, int vectors) throws Throwable {
            return function(linker, Bf16Code.columns(vectors, Attention.STRIDE * FLOAT));
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
                System.getLogger(X86Bf16Loops.class.getName()).log(System.Logger.Level.DEBUG, "/proc/cpuinfo", e);
            }
            return List.of();
        }
    }

    /** Why this process cannot use these loops, as a sentence about what they do, or null if it can. */
    static String unavailableReason() {
        return Reason.TEXT;
    }

    @Override
    public String description() {
        return "AVX512_BF16";
    }

    @Override
    public void toWords(float[] x, int xOffset, int n, float factor, float[] words, int offset) {
        Bf16Vectors.toWords(x, xOffset, n, factor, words, offset);
    }

    @Override
    public void pairRows(float[] x, int offset, int rows, int stride, int columns) {
        Bf16Vectors.pairRows(x, offset, rows, stride, columns);
    }

    @Override
    public void tiles(
            int rows,
            float[] a,
            int aOffset,
            float[] data,
            int panel,
            int panelStride,
            int panels,
            int depth,
            float[] from,
            int fromOffset,
            int fromStride,
            int fromStep,
            float[] c,
            int cOffset,
            int cStride) {
        int tile = rows > 6 ? 12 : rows > 4 ? 6 : 4;
        int last = panels - 1;
        check(a, aOffset, (tile - 1) * ProductKernel.ROW_STRIDE + depth);
        check(data, panel, last * panelStride + depth * PANEL_WIDTH);
        check(from, fromOffset, (tile - 1) * fromStride + last * fromStep + PANEL_WIDTH);
        check(c, cOffset, (tile - 1) * cStride + panels * PANEL_WIDTH);
        long d = depth;
        long n = panels;
        long panelBytes = (long) panelStride * FLOAT;
        long rowBytes = (long) fromStride * FLOAT;
        long stepBytes = (long) fromStep * FLOAT;
        long cBytes = (long) cStride * FLOAT;
        try {
            switch (tile) {
                case 12 ->
                    Linked.TILES_12.invokeExact(
                            a,
                            aOffset,
                            data,
                            panel,
                            from,
                            fromOffset,
                            c,
                            cOffset,
                            d,
                            n,
                            panelBytes,
                            rowBytes,
                            stepBytes,
                            cBytes);
                case 6 ->
                    Linked.TILES_6.invokeExact(
                            a,
                            aOffset,
                            data,
                            panel,
                            from,
                            fromOffset,
                            c,
                            cOffset,
                            d,
                            n,
                            panelBytes,
                            rowBytes,
                            stepBytes,
                            cBytes);
                default ->
                    Linked.TILES_4.invokeExact(
                            a,
                            aOffset,
                            data,
                            panel,
                            from,
                            fromOffset,
                            c,
                            cOffset,
                            d,
                            n,
                            panelBytes,
                            rowBytes,
                            stepBytes,
                            cBytes);
            }
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    @Override
    public void multiply(
            float[] p,
            int tiles,
            float[] v,
            int vOffset,
            int depth,
            int vectors,
            boolean accumulate,
            float[] c,
            int cOffset,
            int cStride) {
        int rows = tiles * TILE_ROWS;
        check(p, 0, (depth - 1) * Attention.STRIDE + rows);
        check(v, vOffset, depth * vectors * LANES);
        check(c, cOffset, (rows - 1) * cStride + vectors * LANES);
        float[] from = accumulate ? c : Gemm.ZEROS;
        int start = accumulate ? cOffset : 0;
        long cBytes = (long) cStride * FLOAT;
        long rowBytes = accumulate ? cBytes : 0;
        long d = depth;
        long n = tiles;
        try {
            if (vectors == 2) {
                Linked.COLUMNS_2.invokeExact(p, 0, v, vOffset, from, start, c, cOffset, d, n, 0L, rowBytes, 0L, cBytes);
            } else {
                Linked.COLUMNS_1.invokeExact(p, 0, v, vOffset, from, start, c, cOffset, d, n, 0L, rowBytes, 0L, cBytes);
            }
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /** Machine code does not look at the lengths of arrays. */
    private static void check(float[] array, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, array.length);
    }

    private static RuntimeException unexpected(Throwable e) {
        if (e instanceof Error error) {
            throw error;
        }
        throw (RuntimeException) e;
    }
}
