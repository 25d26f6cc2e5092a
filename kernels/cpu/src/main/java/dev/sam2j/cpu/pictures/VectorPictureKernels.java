package dev.sam2j.cpu.pictures;

import dev.sam2j.cpu.math.Lanes;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** {@link PictureKernels} on the Vector API; what does not fill a vector is left to the scalar loops. */
public final class VectorPictureKernels extends PictureKernels {
    private static final VectorSpecies<Float> SPECIES = Lanes.SPECIES;
    private static final int LENGTH = Lanes.LENGTH;
    /** Bit i for value i of 32. */
    private static final int[] LANE_BITS = laneBits();

    private static FloatVector load(float[] x, int at) {
        return FloatVector.fromArray(SPECIES, x, at);
    }

    @Override
    public void addScaled(float factor, float[] x, int atX, float[] out, int atOut, int n) {
        int bound = SPECIES.loopBound(n);
        FloatVector f = FloatVector.broadcast(SPECIES, factor);
        for (int i = 0; i < bound; i += LENGTH) {
            load(x, atX + i).fma(f, load(out, atOut + i)).intoArray(out, atOut + i);
        }
        super.addScaled(factor, x, atX + bound, out, atOut + bound, n - bound);
    }

    @Override
    public void max4(float[] x, int atA, int atB, int atC, int atD, float[] out, int atOut, int n) {
        int bound = SPECIES.loopBound(n);
        for (int i = 0; i < bound; i += LENGTH) {
            FloatVector ab = load(x, atA + i).max(load(x, atB + i));
            FloatVector cd = load(x, atC + i).max(load(x, atD + i));
            ab.max(cd).intoArray(out, atOut + i);
        }
        super.max4(x, atA + bound, atB + bound, atC + bound, atD + bound, out, atOut + bound, n - bound);
    }

    @Override
    public void depthwise(
            float[] x,
            int atX,
            int rowX,
            int stepX,
            float[] w,
            int atW,
            int rowW,
            int stepW,
            int ny,
            int nx,
            float[] bias,
            int atBias,
            float[] out,
            int atOut,
            int n) {
        int bound = SPECIES.loopBound(n);
        for (int i = 0; i < bound; i += LENGTH) {
            FloatVector sum = load(bias, atBias + i);
            for (int ky = 0; ky < ny; ky++) {
                int inX = atX + ky * rowX + i;
                int inW = atW + ky * rowW + i;
                for (int kx = 0; kx < nx; kx++) {
                    sum = load(x, inX + kx * stepX).fma(load(w, inW + kx * stepW), sum);
                }
            }
            sum.intoArray(out, atOut + i);
        }
        super.depthwise(
                x,
                atX + bound,
                rowX,
                stepX,
                w,
                atW + bound,
                rowW,
                stepW,
                ny,
                nx,
                bias,
                atBias + bound,
                out,
                atOut + bound,
                n - bound);
    }

    /** 128-bit vectors are not gathered: NEON cannot, which would cost an object for each. */
    @Override
    public void twoTaps(
            float[] x,
            int atX,
            int[] first,
            int[] second,
            float[] firstWeight,
            float[] secondWeight,
            int atTaps,
            float[] out,
            int atOut,
            int n) {
        int bound = LENGTH > 4 ? SPECIES.loopBound(n) : 0;
        for (int i = 0; i < bound; i += LENGTH) {
            int tap = atTaps + i;
            FloatVector a = FloatVector.fromArray(SPECIES, x, atX, first, tap).mul(load(firstWeight, tap));
            FloatVector b = FloatVector.fromArray(SPECIES, x, atX, second, tap).mul(load(secondWeight, tap));
            a.add(b).intoArray(out, atOut + i);
        }
        super.twoTaps(x, atX, first, second, firstWeight, secondWeight, atTaps + bound, out, atOut + bound, n - bound);
    }

    /** The sign of {@code threshold - value} answers each comparison: masks are slow on Java 17. */
    @Override
    public long threshold(
            float alpha,
            float[] a,
            int atA,
            float beta,
            float[] b,
            int atB,
            int n,
            float low,
            float middle,
            float high,
            long[] bits,
            long at) {
        int bound = n & -Integer.SIZE;
        FloatVector factor = FloatVector.broadcast(SPECIES, beta);
        FloatVector lows = FloatVector.broadcast(SPECIES, low);
        FloatVector middles = FloatVector.broadcast(SPECIES, middle);
        FloatVector highs = FloatVector.broadcast(SPECIES, high);
        IntVector aboveLow = IntVector.zero(Lanes.INTS);
        IntVector aboveHigh = IntVector.zero(Lanes.INTS);
        for (int i = 0; i < bound; i += Integer.SIZE) {
            IntVector set = IntVector.zero(Lanes.INTS);
            for (int j = 0; j < Integer.SIZE; j += LENGTH) {
                FloatVector value =
                        load(b, atB + i + j).fma(factor, load(a, atA + i + j).mul(alpha));
                aboveLow = aboveLow.add(negative(lows.sub(value)));
                aboveHigh = aboveHigh.add(negative(highs.sub(value)));
                IntVector lanes = IntVector.fromArray(Lanes.INTS, LANE_BITS, j);
                set = set.or(negative(middles.sub(value)).and(lanes));
            }
            long word = set.reduceLanes(VectorOperators.OR) & 0xFFFFFFFFL;
            int target = (int) (at + i >> 6);
            int shift = (int) (at + i) & 63;
            bits[target] |= word << shift;
            if (shift > 32) {
                bits[target + 1] |= word >>> 64 - shift;
            }
        }
        long rest = super.threshold(
                alpha, a, atA + bound, beta, b, atB + bound, n - bound, low, middle, high, bits, at + bound);
        return ((long) -aboveLow.reduceLanes(VectorOperators.ADD) << 32)
                + -aboveHigh.reduceLanes(VectorOperators.ADD)
                + rest;
    }

    /** -1 where x is below 0, otherwise 0. */
    private static IntVector negative(FloatVector x) {
        return x.reinterpretAsInts().lanewise(VectorOperators.ASHR, 31);
    }

    private static int[] laneBits() {
        int[] bits = new int[Integer.SIZE];
        for (int i = 0; i < Integer.SIZE; i++) {
            bits[i] = 1 << i;
        }
        return bits;
    }
}
