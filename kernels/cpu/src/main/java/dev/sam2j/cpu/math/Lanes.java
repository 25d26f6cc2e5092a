package dev.sam2j.cpu.math;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** The vector width of this process: the machine's, unless {@value #PROPERTY} names one. */
public final class Lanes {
    /** Name of the system property that forces the width, or scalar code. */
    public static final String PROPERTY = "dev.sam2j.simd";

    /** Vectors of float32. */
    public static final VectorSpecies<Float> SPECIES = chooseSpecies();

    /** Vectors of as many 32-bit integers. */
    public static final VectorSpecies<Integer> INTS = VectorSpecies.of(int.class, SPECIES.vectorShape());

    /** Floats in a vector. */
    public static final int LENGTH = SPECIES.length();

    private Lanes() {}

    private static VectorSpecies<Float> chooseSpecies() {
        switch (System.getProperty(PROPERTY, "")) {
            case "128":
                return FloatVector.SPECIES_128;
            case "256":
                return FloatVector.SPECIES_256;
            case "512":
                return FloatVector.SPECIES_512;
            default:
                // Narrower than 128 bits there is nothing to gain, wider than 512 nothing was measured.
                int bits = FloatVector.SPECIES_PREFERRED.vectorBitSize();
                return VectorSpecies.of(float.class, VectorShape.forBitSize(Math.max(128, Math.min(bits, 512))));
        }
    }
}
