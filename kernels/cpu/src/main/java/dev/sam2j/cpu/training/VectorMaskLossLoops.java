package dev.sam2j.cpu.training;

import dev.sam2j.cpu.math.Lanes;
import dev.sam2j.cpu.math.VectorMath;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link MaskLossLoops} on the Vector API; what does not fill a vector is left to the scalar loops. Lines begin at
 * pixel 0. Choices are made by bits, with all bits of a lane set where the pixel is inside the true mask: masks are
 * slow on Java 17.
 */
public final class VectorMaskLossLoops extends MaskLossLoops {
    private static final VectorSpecies<Float> SPECIES = Lanes.SPECIES;
    private static final int LENGTH = Lanes.LENGTH;
    /** Bit i for lane i. */
    private static final int[] LANE_BITS = laneBits();

    private static int[] laneBits() {
        int[] bits = new int[LENGTH];
        for (int i = 0; i < LENGTH; i++) {
            bits[i] = 1 << i;
        }
        return bits;
    }

    private static FloatVector load(float[] x, int at) {
        return FloatVector.fromArray(SPECIES, x, at);
    }

    @Override
    long compare(LossPixels pixels, long[] truth, long at, int from, int to) {
        float[] logit = pixels.logit();
        float[] wrong = pixels.wrong();
        int bound = from + SPECIES.loopBound(to - from);
        IntVector lanes = IntVector.fromArray(Lanes.INTS, LANE_BITS, 0);
        IntVector positive = IntVector.zero(Lanes.INTS);
        IntVector inside = IntVector.zero(Lanes.INTS);
        for (int i = from; i < bound; i += LENGTH) {
            IntVector unset = IntVector.broadcast(Lanes.INTS, bits(truth, at + i))
                    .and(lanes)
                    .sub(1)
                    .lanewise(VectorOperators.ASHR, 31);
            FloatVector x = load(logit, i);
            IntVector sign = unset.lanewise(VectorOperators.NOT).lanewise(VectorOperators.LSHL, 31);
            x.reinterpretAsInts()
                    .lanewise(VectorOperators.XOR, sign)
                    .reinterpretAsFloats()
                    .intoArray(wrong, i);
            IntVector above = negative(FloatVector.zero(SPECIES).sub(x));
            positive = positive.sub(above);
            inside = inside.sub(above.lanewise(VectorOperators.AND_NOT, unset));
        }
        return ((long) positive.reduceLanes(VectorOperators.ADD) << 32)
                + inside.reduceLanes(VectorOperators.ADD)
                + super.compare(pixels, truth, at, bound, to);
    }

    /** As many bits as a vector has lanes, from bit {@code at} on; bits above them are undefined. */
    private static int bits(long[] words, long at) {
        int word = (int) (at >> 6);
        int shift = (int) at & 63;
        long bits = words[word] >>> shift;
        return (int) (shift > 64 - LENGTH ? bits | words[word + 1] << 64 - shift : bits);
    }

    @Override
    void logistic(LossPixels pixels, int from, int to) {
        int bound = SPECIES.loopBound(to - from);
        VectorMath.logistic(pixels.wrong(), pixels.error(), pixels.right(), pixels.log(), from, from + bound);
        super.logistic(pixels, from + bound, to);
    }

    @Override
    void focus(LossPixels pixels, float gamma, int from, int to) {
        int bound = from + SPECIES.loopBound(to - from);
        if (gamma == 2) {
            square(pixels.error(), pixels.focus(), from, bound);
        } else {
            power(pixels.wrong(), pixels.log(), gamma, pixels.focus(), from, bound);
        }
        super.focus(pixels, gamma, bound, to);
    }

    private static void square(float[] x, float[] out, int from, int to) {
        for (int i = from; i < to; i += LENGTH) {
            FloatVector v = load(x, i);
            v.mul(v).intoArray(out, i);
        }
    }

    /** {@code error^gamma = exp(gamma log(error))} with {@code -log(error) = max(-wrong, 0) + log}. */
    private static void power(float[] wrong, float[] log, float gamma, float[] out, int from, int to) {
        for (int i = from; i < to; i += LENGTH) {
            FloatVector minusLog = load(wrong, i).neg().max(0f).add(load(log, i));
            VectorMath.exp(minusLog.mul(-gamma)).intoArray(out, i);
        }
    }

    @Override
    void addSums(LossPixels pixels, float alpha, double[] sums, int from, int to) {
        int bound = from + SPECIES.loopBound(to - from);
        addSums(
                pixels.logit(),
                pixels.wrong(),
                pixels.error(),
                pixels.right(),
                pixels.log(),
                pixels.focus(),
                alpha,
                sums,
                from,
                bound);
        super.addSums(pixels, alpha, sums, bound, to);
    }

    private static void addSums(
            float[] logit,
            float[] wrong,
            float[] errors,
            float[] rights,
            float[] log,
            float[] focus,
            float alpha,
            double[] sums,
            int from,
            int to) {
        IntVector outside = FloatVector.broadcast(SPECIES, 1 - alpha).reinterpretAsInts();
        IntVector inside = FloatVector.broadcast(SPECIES, alpha).reinterpretAsInts();
        FloatVector focal = FloatVector.zero(SPECIES);
        FloatVector errorOutside = FloatVector.zero(SPECIES);
        FloatVector rightInside = FloatVector.zero(SPECIES);
        for (int i = from; i < to; i += LENGTH) {
            FloatVector s = load(wrong, i);
            IntVector truth = truth(load(logit, i), s);
            FloatVector weight = choose(truth, inside, outside);
            FloatVector crossEntropy = s.max(0f).add(load(log, i));
            focal = load(focus, i).mul(weight).fma(crossEntropy, focal);
            IntVector error = load(errors, i).reinterpretAsInts();
            errorOutside = errorOutside.add(
                    error.lanewise(VectorOperators.AND_NOT, truth).reinterpretAsFloats());
            IntVector right = load(rights, i).reinterpretAsInts();
            rightInside = rightInside.add(right.and(truth).reinterpretAsFloats());
        }
        float agreement = VectorMath.sum(rightInside);
        sums[0] += VectorMath.sum(focal);
        sums[1] += (double) VectorMath.sum(errorOutside) + agreement;
        sums[2] += agreement;
    }

    @Override
    void slopes(
            LossPixels pixels,
            float alpha,
            float gamma,
            float focal,
            float probability,
            float agreement,
            float[] out,
            int from,
            int to) {
        int bound = from + SPECIES.loopBound(to - from);
        slopes(
                pixels.logit(),
                pixels.wrong(),
                pixels.error(),
                pixels.right(),
                pixels.log(),
                pixels.focus(),
                alpha,
                gamma,
                focal,
                probability,
                agreement,
                out,
                from,
                bound);
        super.slopes(pixels, alpha, gamma, focal, probability, agreement, out, bound, to);
    }

    private static void slopes(
            float[] logit,
            float[] wrong,
            float[] errors,
            float[] rights,
            float[] log,
            float[] focus,
            float alpha,
            float gamma,
            float focal,
            float probability,
            float agreement,
            float[] out,
            int from,
            int to) {
        IntVector focalInside = FloatVector.broadcast(SPECIES, focal * -alpha).reinterpretAsInts();
        IntVector focalOutside =
                FloatVector.broadcast(SPECIES, focal * (1 - alpha)).reinterpretAsInts();
        IntVector inside =
                FloatVector.broadcast(SPECIES, probability + agreement).reinterpretAsInts();
        IntVector outside = FloatVector.broadcast(SPECIES, probability).reinterpretAsInts();
        for (int i = from; i < to; i += LENGTH) {
            FloatVector s = load(wrong, i);
            IntVector truth = truth(load(logit, i), s);
            FloatVector error = load(errors, i);
            FloatVector right = load(rights, i);
            FloatVector crossEntropy = s.max(0f).add(load(log, i));
            FloatVector slope = right.mul(gamma)
                    .fma(crossEntropy, error)
                    .mul(load(focus, i))
                    .mul(choose(truth, focalInside, focalOutside));
            error.mul(right).fma(choose(truth, inside, outside), slope).intoArray(out, i);
        }
    }

    /** All bits set where the signs differ. */
    private static IntVector truth(FloatVector logit, FloatVector wrong) {
        IntVector signs = logit.reinterpretAsInts().lanewise(VectorOperators.XOR, wrong.reinterpretAsInts());
        return signs.lanewise(VectorOperators.ASHR, 31);
    }

    /** a where the bits of {@code choice} are set, otherwise b. */
    private static FloatVector choose(IntVector choice, IntVector a, IntVector b) {
        return a.and(choice).or(b.lanewise(VectorOperators.AND_NOT, choice)).reinterpretAsFloats();
    }

    /** All bits set where x is below 0. */
    private static IntVector negative(FloatVector x) {
        return x.reinterpretAsInts().lanewise(VectorOperators.ASHR, 31);
    }
}
