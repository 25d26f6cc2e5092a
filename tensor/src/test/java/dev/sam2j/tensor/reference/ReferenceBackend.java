package dev.sam2j.tensor.reference;

import static dev.sam2j.tensor.reference.ArrayStorage.get;
import static dev.sam2j.tensor.reference.ArrayStorage.set;
import static dev.sam2j.tensor.reference.ReferenceMath.activate;
import static dev.sam2j.tensor.reference.ReferenceMath.element;

import dev.sam2j.Precision;
import dev.sam2j.tensor.Activation;
import dev.sam2j.tensor.AttentionSpec;
import dev.sam2j.tensor.BackendInfo;
import dev.sam2j.tensor.Conv2dSpec;
import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Epilogue;
import dev.sam2j.tensor.FusedOp;
import dev.sam2j.tensor.Interpolation;
import dev.sam2j.tensor.MaskBits;
import dev.sam2j.tensor.PackedMatrix;
import dev.sam2j.tensor.Pending;
import dev.sam2j.tensor.ResizeFilter;
import dev.sam2j.tensor.Shape;
import dev.sam2j.tensor.Storage;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.fused.FillHoles;
import dev.sam2j.tensor.reference.ReferenceResampling.Taps;
import dev.sam2j.tensor.training.TrainingBackend;
import dev.sam2j.tensor.training.TrainingOps;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The executable specification: every operation by its definition, in plain loops over float32 storage with float64
 * arithmetic. Slow; for small tensors in tests.
 */
public final class ReferenceBackend implements TrainingBackend {
    record Matrix(double[] values, int out, int in) implements PackedMatrix {
        @Override
        public void close() {}
    }

    private final boolean exact;

    /** Rounds results to float32, as other backends do. */
    public ReferenceBackend() {
        this(false);
    }

    /** With {@code exact} results are kept in float64: for adjoints, which are compared with differences. */
    ReferenceBackend(boolean exact) {
        this.exact = exact;
    }

    @Override
    public TrainingOps training() {
        return new ReferenceTraining();
    }

    @Override
    public BackendInfo info() {
        return new BackendInfo("reference", "plain loops in float64", Precision.FP32, DType.F32, false);
    }

    @Override
    public Storage allocate(DType dtype, long elements) {
        if (dtype != DType.F32) {
            throw new IllegalArgumentException("allocate: the reference backend holds F32 only, got " + dtype);
        }
        return new ArrayStorage(Math.toIntExact(elements), exact);
    }

    @Override
    public void upload(float[] source, int offset, Tensor destination) {
        for (int r = 0; r < destination.rows(); r++) {
            for (int c = 0; c < destination.cols(); c++) {
                set(destination, r, c, source[offset + r * destination.cols() + c]);
            }
        }
    }

    @Override
    public void download(Tensor source, float[] destination, int offset) {
        for (int r = 0; r < source.rows(); r++) {
            for (int c = 0; c < source.cols(); c++) {
                destination[offset + r * source.cols() + c] = (float) get(source, r, c);
            }
        }
    }

    @Override
    public PackedMatrix pack(float[] matrix, int out, int in) {
        double[] doubles = new double[out * in];
        Arrays.setAll(doubles, i -> matrix[i]);
        return new Matrix(doubles, out, in);
    }

    @Override
    public void gemm(Tensor x, PackedMatrix w, Epilogue epilogue, Tensor destination) {
        Matrix matrix = (Matrix) w;
        for (int r = 0; r < x.rows(); r++) {
            for (int o = 0; o < w.out(); o++) {
                double dot = 0;
                for (int c = 0; c < w.in(); c++) {
                    dot += get(x, r, c) * matrix.values[o * w.in() + c];
                }
                set(destination, r, o, ReferenceMath.apply(epilogue, dot, r, o));
            }
        }
    }

    @Override
    public void matmul(Tensor a, Tensor b, Tensor destination) {
        int m = a.dim(1);
        int n = b.dim(1);
        for (int r = 0; r < a.rows(); r++) {
            int first = b.dim(0) == 1 ? 0 : r / m * n;
            for (int j = 0; j < n; j++) {
                double dot = 0;
                for (int c = 0; c < a.cols(); c++) {
                    dot += get(a, r, c) * get(b, first + j, c);
                }
                set(destination, r, j, dot);
            }
        }
    }

    @Override
    public void attention(Tensor q, Tensor k, Tensor v, AttentionSpec spec, Tensor destination) {
        new ReferenceAttention(q, k, v, spec, destination, null).run();
    }

    @Override
    public void layerNorm(Tensor x, Tensor gamma, Tensor beta, float eps, Activation activation, Tensor destination) {
        int n = x.cols();
        for (int r = 0; r < x.rows(); r++) {
            double mean = 0;
            for (int c = 0; c < n; c++) {
                mean += get(x, r, c);
            }
            mean /= n;
            double variance = 0;
            for (int c = 0; c < n; c++) {
                double deviation = get(x, r, c) - mean;
                variance += deviation * deviation;
            }
            double deviation = Math.sqrt(variance / n + eps);
            for (int c = 0; c < n; c++) {
                double y = (get(x, r, c) - mean) / deviation * element(gamma, c) + element(beta, c);
                set(destination, r, c, activate(activation, y));
            }
        }
    }

    @Override
    public void conv2d(Tensor x, PackedMatrix w, Conv2dSpec spec, Epilogue epilogue, Tensor destination) {
        double[] weights = ((Matrix) w).values;
        int channels = x.dim(3);
        int outWidth = destination.dim(2);
        for (int r = 0; r < destination.rows(); r++) {
            for (int o = 0; o < w.out(); o++) {
                double sum = 0;
                for (int tap = 0; tap < spec.kernel() * spec.kernel(); tap++) {
                    int source = sourceRow(x, spec, r / outWidth, r % outWidth, tap, destination.dim(1));
                    for (int c = 0; source >= 0 && c < channels; c++) {
                        sum += get(x, source, c) * weights[o * w.in() + tap * channels + c];
                    }
                }
                set(destination, r, o, ReferenceMath.apply(epilogue, sum, r, o));
            }
        }
    }

    @Override
    public void depthwiseConv2d(Tensor x, Tensor weight, Tensor bias, Conv2dSpec spec, Tensor destination) {
        int channels = x.dim(3);
        int outWidth = destination.dim(2);
        for (int r = 0; r < destination.rows(); r++) {
            for (int c = 0; c < channels; c++) {
                double sum = element(bias, c);
                for (int tap = 0; tap < spec.kernel() * spec.kernel(); tap++) {
                    int source = sourceRow(x, spec, r / outWidth, r % outWidth, tap, destination.dim(1));
                    if (source >= 0) {
                        sum += get(x, source, c) * element(weight, tap * channels + c);
                    }
                }
                set(destination, r, c, sum);
            }
        }
    }

    /** Row of x under a kernel tap at an output pixel, or -1 in the padding; {@code y} counts through the batch. */
    private static int sourceRow(Tensor x, Conv2dSpec spec, int y, int column, int tap, int outHeight) {
        int sy = y % outHeight * spec.stride() - spec.padding() + tap / spec.kernel();
        int sx = column * spec.stride() - spec.padding() + tap % spec.kernel();
        boolean inside = sy >= 0 && sy < x.dim(1) && sx >= 0 && sx < x.dim(2);
        return inside ? (y / outHeight * x.dim(1) + sy) * x.dim(2) + sx : -1;
    }

    @Override
    public void convTranspose2d(Tensor x, PackedMatrix w, Epilogue epilogue, Tensor destination) {
        double[] weights = ((Matrix) w).values;
        int outputs = destination.dim(3);
        int width = x.dim(2);
        for (int r = 0; r < x.rows(); r++) {
            for (int o = 0; o < w.out(); o++) {
                double sum = 0;
                for (int c = 0; c < w.in(); c++) {
                    sum += get(x, r, c) * weights[o * w.in() + c];
                }
                int cell = o / outputs;
                int row = (2 * (r / width) + cell / 2) * 2 * width + 2 * (r % width) + cell % 2;
                set(destination, row, o % outputs, ReferenceMath.apply(epilogue, sum, row, o % outputs));
            }
        }
    }

    @Override
    public void maxPool2d(Tensor x, Tensor destination) {
        int width = destination.dim(2);
        for (int r = 0; r < destination.rows(); r++) {
            int source = r / width * 2 * 2 * width + r % width * 2;
            for (int c = 0; c < x.cols(); c++) {
                double top = Math.max(get(x, source, c), get(x, source + 1, c));
                double bottom = Math.max(get(x, source + 2 * width, c), get(x, source + 2 * width + 1, c));
                set(destination, r, c, Math.max(top, bottom));
            }
        }
    }

    @Override
    public void interpolate(Tensor x, Interpolation filter, Tensor destination) {
        int height = destination.dim(1);
        int width = destination.dim(2);
        Taps[] rows = ReferenceResampling.taps(filter, x.dim(1), height);
        Taps[] columns = ReferenceResampling.taps(filter, x.dim(2), width);
        for (int r = 0; r < destination.rows(); r++) {
            int picture = r / (height * width) * x.dim(1);
            for (int c = 0; c < x.cols(); c++) {
                set(destination, r, c, sample(x, picture, rows[r / width % height], columns[r % width], c));
            }
        }
    }

    private static double sample(Tensor x, int firstRow, Taps vertical, Taps horizontal, int channel) {
        double sum = 0;
        for (int i = 0; i < vertical.source().length; i++) {
            double line = 0;
            int row = (firstRow + vertical.source()[i]) * x.dim(2);
            for (int j = 0; j < horizontal.source().length; j++) {
                line += horizontal.weight()[j] * get(x, row + horizontal.source()[j], channel);
            }
            sum += vertical.weight()[i] * line;
        }
        return sum;
    }

    @Override
    public void add(Tensor a, float alpha, Tensor b, float beta, Tensor destination) {
        for (int r = 0; r < a.rows(); r++) {
            for (int c = 0; c < a.cols(); c++) {
                double sum = (double) alpha * get(a, r, c) + (double) beta * get(b, r % b.rows(), c);
                set(destination, r, c, sum);
            }
        }
    }

    @Override
    public void unary(Tensor x, float scale, float shift, Activation activation, Tensor destination) {
        for (int r = 0; r < x.rows(); r++) {
            for (int c = 0; c < x.cols(); c++) {
                set(destination, r, c, activate(activation, (double) scale * get(x, r, c) + shift));
            }
        }
    }

    @Override
    public void rotary(Tensor x, Tensor table, Tensor destination) {
        for (int r = 0; r < x.rows(); r++) {
            int position = r % x.dim(1) % table.rows();
            for (int c = 0; c < x.cols(); c += 2) {
                double a = get(x, r, c);
                double b = get(x, r, c + 1);
                double cos = get(table, position, c);
                double sin = get(table, position, c + 1);
                set(destination, r, c, a * cos - b * sin);
                set(destination, r, c + 1, a * sin + b * cos);
            }
        }
    }

    @Override
    public void copy(Tensor source, Tensor destination) {
        for (int r = 0; r < destination.rows(); r++) {
            for (int c = 0; c < destination.cols(); c++) {
                set(destination, r, c, get(source, r % source.rows(), c));
            }
        }
    }

    @Override
    public void roundToBf16(Tensor x, Tensor destination) {
        for (int r = 0; r < x.rows(); r++) {
            for (int c = 0; c < x.cols(); c++) {
                float value = (float) get(x, r, c);
                int bits = Float.floatToRawIntBits(value);
                int rounded = (bits + 0x7FFF + (bits >>> 16 & 1)) & 0xFFFF0000;
                set(destination, r, c, Float.isNaN(value) ? value : Float.intBitsToFloat(rounded));
            }
        }
    }

    @Override
    public void imageToTensor(
            byte[] rgb, int height, int width, ResizeFilter filter, float[] mean, float[] std, Tensor destination) {
        int outHeight = destination.dim(1);
        int outWidth = destination.dim(2);
        if (filter == ResizeFilter.BICUBIC_8BIT) {
            int[] pixels = ReferenceResampling.resize8Bit(rgb, height, width, outHeight, outWidth);
            for (int i = 0; i < pixels.length; i++) {
                normalize((float) (pixels[i] / 255.0), i / 3, i % 3, mean, std, destination);
            }
            return;
        }
        Tensor picture = Tensor.of(allocate(DType.F32, (long) height * width * 3), 0, Shape.of(1, height, width, 3));
        for (int i = 0; i < height * width * 3; i++) {
            set(picture, i / 3, i % 3, (rgb[i] & 255) / 255f);
        }
        interpolate(picture, Interpolation.BILINEAR_ANTIALIAS, destination);
        for (int i = 0; i < outHeight * outWidth * 3; i++) {
            normalize((float) get(destination, i / 3, i % 3), i / 3, i % 3, mean, std, destination);
        }
    }

    private static void normalize(float value, int row, int channel, float[] mean, float[] std, Tensor destination) {
        set(destination, row, channel, (value - mean[channel]) / std[channel]);
    }

    @Override
    public Pending<MaskBits> thresholdMask(
            Tensor logits, int height, int width, float low, float threshold, float high) {
        Taps[] rows = ReferenceResampling.taps(Interpolation.BILINEAR, logits.dim(0), height);
        Taps[] columns = ReferenceResampling.taps(Interpolation.BILINEAR, logits.dim(1), width);
        int pixels = height * width;
        long[] bits = new long[MaskBits.words(height, width)];
        int aboveLow = 0;
        int aboveHigh = 0;
        for (int i = 0; i < pixels; i++) {
            double value = 0;
            Taps vertical = rows[i / width];
            Taps horizontal = columns[i % width];
            for (int a = 0; a < 2; a++) {
                for (int b = 0; b < 2; b++) {
                    value += vertical.weight()[a]
                            * horizontal.weight()[b]
                            * get(logits, vertical.source()[a], horizontal.source()[b]);
                }
            }
            if (value > threshold) {
                bits[i / 64] |= 1L << (i % 64);
            }
            aboveLow += value > low ? 1 : 0;
            aboveHigh += value > high ? 1 : 0;
        }
        return Pending.of(new MaskBits(bits, aboveLow, aboveHigh));
    }

    @Override
    public boolean run(FusedOp op) {
        if (op instanceof FillHoles holes) {
            fillHoles(holes.logits(), holes.maxArea(), holes.value());
            return true;
        }
        return false;
    }

    private static void fillHoles(Tensor logits, int maxArea, float value) {
        for (int entry = 0; entry < logits.dim(0); entry++) {
            Tensor map = logits.slice(entry, entry + 1).reshape(logits.dim(1), logits.dim(2));
            boolean[][] seen = new boolean[map.rows()][map.cols()];
            for (int i = 0; i < map.rows() * map.cols(); i++) {
                List<int[]> component = new ArrayList<>();
                visit(map, i / map.cols(), i % map.cols(), seen, component);
                for (int next = 0; next < component.size(); next++) {
                    int[] pixel = component.get(next);
                    for (int neighbour = 0; neighbour < 9; neighbour++) {
                        int y = pixel[0] + neighbour / 3 - 1;
                        visit(map, y, pixel[1] + neighbour % 3 - 1, seen, component);
                    }
                }
                if (component.size() <= maxArea) {
                    component.forEach(pixel -> set(map, pixel[0], pixel[1], value));
                }
            }
        }
    }

    private static void visit(Tensor map, int y, int x, boolean[][] seen, List<int[]> component) {
        boolean inside = y >= 0 && y < map.rows() && x >= 0 && x < map.cols();
        if (inside && !seen[y][x] && get(map, y, x) <= 0) {
            seen[y][x] = true;
            component.add(new int[] {y, x});
        }
    }

    @Override
    public void close() {}
}
