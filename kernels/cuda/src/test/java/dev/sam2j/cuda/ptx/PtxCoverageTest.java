package dev.sam2j.cuda.ptx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** Runs last: no kernel may have been left out by the other tests. */
@Isolated
@Order(Integer.MAX_VALUE)
class PtxCoverageTest {
    @Test
    void everyKernelWasInterpreted() {
        assumeTrue(KernelRunner.LAUNCHES.sum() > 0, "no other test of this package ran");
        System.out.printf(
                Locale.ROOT,
                "interpreted %d kernels in %d launches, %,d warp instructions%n",
                KernelRunner.INTERPRETED.size(),
                KernelRunner.LAUNCHES.sum(),
                KernelRunner.INSTRUCTIONS.sum());
        List<String> missing = PtxKernels.all().stream()
                .map(PtxKernel::entry)
                .filter(entry -> !KernelRunner.INTERPRETED.contains(entry))
                .toList();
        assertEquals(List.of(), missing, "kernels that no test interpreted");
    }
}
