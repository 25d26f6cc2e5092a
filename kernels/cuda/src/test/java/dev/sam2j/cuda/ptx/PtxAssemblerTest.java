package dev.sam2j.cuda.ptx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sam2j.cuda.rows.CudaRoundToBf16;
import dev.sam2j.tensor.DType;
import java.io.IOException;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BinaryOperator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every kernel assembles without spilling registers: for Ampere and Hopper, or for Hopper alone (sm_90a). */
class PtxAssemblerTest {
    private static final int REGISTERS_OF_AN_SM = 65536;
    private static final boolean FULL = Boolean.getBoolean("sam2j.full");

    @BeforeAll
    static void load() throws IOException {
        assumeTrue(PtxAssembler.unavailableReason() == null, PtxAssembler::unavailableReason);
        PtxAssembler.load();
    }

    @Test
    void everyKernelHasAName() {
        Set<String> names = new HashSet<>();
        PtxKernels.all().forEach(kernel -> assertTrue(names.add(kernel.entry()), "two are named " + kernel.entry()));
    }

    /** For Hopper alone what needs it, for the given architecture all others. */
    @ParameterizedTest
    @ValueSource(strings = {"sm_80", "sm_90"})
    void everyKernelAssemblesWithoutSpills(String architecture) throws Exception {
        boolean first = architecture.equals("sm_80");
        assumeTrue(first || FULL, "takes long: -Pfull");
        List<Callable<String>> rows = (FULL ? PtxKernels.all() : longestOfEachKind())
                .stream()
                        .filter(kernel -> first || !kernel.target().equals(PtxWriter.HOPPER))
                        // the longest first, so that all threads end together
                        .sorted(Comparator.comparingInt(
                                kernel -> -kernel.source().length()))
                        .map(kernel -> (Callable<String>) () -> row(kernel, architecture))
                        .toList();
        System.out.printf(Locale.ROOT, "%-48s %7s %7s%n", "kernel", "threads", "shared");
        ExecutorService threads =
                Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
        try {
            for (Future<String> row : threads.invokeAll(rows)) {
                System.out.print(row.get());
            }
        } finally {
            threads.shutdown();
        }
        System.out.println("assembled " + rows.size() + " kernels, no spills");
    }

    /** Of kernels whose names differ in numbers only, the longest for each type of numbers and each target. */
    private static Collection<PtxKernel> longestOfEachKind() {
        return PtxKernels.all().stream()
                .collect(Collectors.toMap(
                        kernel -> kernel.entry().replaceAll("(?<![a-z])\\d+|(?<=[a-eg-z])\\d+", "#") + kernel.target(),
                        kernel -> kernel,
                        BinaryOperator.maxBy(Comparator.comparingInt(
                                kernel -> kernel.source().length()))))
                .values();
    }

    private static String row(PtxKernel kernel, String given) {
        String architecture = kernel.target().equals(PtxWriter.HOPPER) ? PtxWriter.HOPPER : given;
        return String.format(
                Locale.ROOT,
                "%-48s %7d %7d %5d registers for %s%n",
                kernel.entry(),
                kernel.threads(),
                kernel.sharedBytes(),
                assemble(kernel, architecture).registers(),
                architecture);
    }

    private static PtxAssembler.Report assemble(PtxKernel kernel, String architecture) {
        PtxAssembler.Report report = PtxAssembler.assemble(kernel, architecture);
        assertEquals(0, report.spillBytes(), kernel.entry() + " for " + architecture + ": bytes spilled");
        assertEquals(0, report.stackBytes(), kernel.entry() + " for " + architecture + ": bytes of stack");
        assertTrue(
                report.registers() * kernel.threads() <= REGISTERS_OF_AN_SM, kernel.entry() + ": too many registers");
        assertTrue(report.cubinBytes() > 0, kernel.entry() + ": empty result");
        assertFalse(report.serialized(), kernel.entry() + ": serialized products");
        return report;
    }

    @Test
    void errorsAreReportedWithTheirLine() {
        PtxKernel kernel = new CudaRoundToBf16.Kernel(DType.F32, DType.F32, 1).write();
        PtxKernel broken = new PtxKernel(
                kernel.entry(),
                kernel.target(),
                kernel.parameters(),
                kernel.threads(),
                0,
                kernel.source().replace("ld.global.f32", "ld.global.f99"));
        AssertionError error = assertThrows(AssertionError.class, () -> PtxAssembler.assemble(broken, "sm_80"));
        assertTrue(error.getMessage().contains("line"), error.getMessage());
    }
}
