package dev.sam2j.tensor;

/**
 * Names a fixed sequence of operations, see {@link Backend#capture}. Sections are equal if all three parts are.
 *
 * @param name for people
 * @param layer whose operations these are
 * @param variant what else decides which operations run, apart from the shapes of the operands; compared by
 *     {@code equals}
 */
public record Section(String name, Object layer, Object variant) {
    /** The section of a layer that always runs the same operations on the same shapes. */
    public static Section of(String name, Object layer) {
        return new Section(name, layer, "");
    }

    /** The name. */
    @Override
    public String toString() {
        return name;
    }
}
