package dev.sam2j.cuda.rows;

import dev.sam2j.cuda.ptx.KernelRunner;
import dev.sam2j.cuda.ptx.Matrix;
import dev.sam2j.cuda.ptx.PtxKernel;
import dev.sam2j.tensor.DType;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SelectKernelsTest {
    private final Random random = new Random(5);
    private final KernelRunner runner = new KernelRunner();

    @ParameterizedTest
    @CsvSource({"5,36,4,1,2", "3,7,1,0,0", "70,9,1,3,5", "4,300,4,0,3"})
    void pick(int entries, int columns, int width, int first, int offset) {
        int each = 9;
        for (DType type : DType.values()) {
            PtxKernel kernel = new CudaPick.Kernel(type, width).write();
            Matrix x = Matrix.random(entries * each, columns, columns + 4, type, random);
            Matrix scores = Matrix.random(entries, 4, 5, DType.F32, random);
            Matrix y = Matrix.empty(entries, columns, columns + 4, type);
            runner.launch(
                    kernel,
                    kernel.gridOver((long) entries * columns / width),
                    runner.in("x", x),
                    x.stride(),
                    each,
                    offset,
                    runner.in("scores", scores),
                    scores.stride(),
                    4,
                    first,
                    runner.out("y", y),
                    y.stride(),
                    entries,
                    columns);
            y.check(kernel.entry(), 0, (r, c) -> {
                int best = first;
                for (int m = first; m < 4; m++) {
                    best = scores.get(r, m) > scores.get(r, best) ? m : best;
                }
                return x.get(r * each + offset + best, c);
            });
        }
    }

    @ParameterizedTest
    @CsvSource({"6,10,12,4,5", "6,10,12,4,1", "3,1,7,1,3", "2,40,33,1,80"})
    void where(int entries, int each, int columns, int width, int otherRows) {
        for (DType type : DType.values()) {
            PtxKernel kernel = new CudaWhere.Kernel(type, width).write();
            Matrix scores = Matrix.random(entries, 1, 3, DType.F32, random);
            Matrix a = Matrix.random(entries * each, columns, columns + 4, type, random);
            Matrix b = Matrix.random(otherRows, columns, columns, type, random);
            Matrix y = Matrix.empty(entries * each, columns, columns, type);
            runner.launch(
                    kernel,
                    kernel.gridOver((long) entries * each * columns / width),
                    runner.in("scores", scores),
                    scores.stride(),
                    each,
                    runner.in("a", a),
                    a.stride(),
                    runner.in("b", b),
                    b.stride(),
                    otherRows,
                    runner.out("y", y),
                    y.stride(),
                    entries * each,
                    columns);
            y.check(kernel.entry(), 0, (r, c) -> scores.get(r / each, 0) > 0 ? a.get(r, c) : b.get(r % otherRows, c));
        }
    }
}
