package dev.sam2j.cuda.ptx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sam2j.cuda.rows.CudaRoundToBf16;
import dev.sam2j.tensor.DType;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every kernel assembles without spilling registers: for Ampere and Hopper, or for Hopper alone (sm_90a). */
class PtxAssemblerTest {
    private static final int REGISTERS_OF_AN_SM = 65536;

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

    @ParameterizedTest
    @ValueSource(strings = {"sm_80", "sm_90", PtxWriter.HOPPER})
    void everyKernelAssemblesWithoutSpills(String architecture) {
        assumeTrue(!architecture.equals("sm_90") || Boolean.getBoolean("sam2j.full"), "takes long: -Pfull");
        boolean own = architecture.equals(PtxWriter.HOPPER);
        List<PtxKernel> kernels = PtxKernels.all().stream()
                .filter(kernel -> kernel.target().equals(PtxWriter.HOPPER) == own)
                .toList();
        StringBuilder table = new StringBuilder(
                String.format(Locale.ROOT, "%-48s %7s %7s %9s%n", "kernel", "threads", "shared", architecture));
        kernels.parallelStream()
                .map(kernel -> row(kernel, architecture))
                .toList()
                .forEach(table::append);
        System.out.println(table + "assembled " + kernels.size() + " kernels for " + architecture + ", no spills");
    }

    private static String row(PtxKernel kernel, String architecture) {
        return String.format(
                Locale.ROOT,
                "%-48s %7d %7d %5d reg%n",
                kernel.entry(),
                kernel.threads(),
                kernel.sharedBytes(),
                assemble(kernel, architecture).registers());
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
