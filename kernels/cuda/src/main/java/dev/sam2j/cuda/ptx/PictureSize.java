package dev.sam2j.cuda.ptx;

/**
 * Sizes of the pictures that a kernel writes, as registers.
 *
 * @param last channels, or what else a pixel has
 */
public record PictureSize(PtxWriter w, String batch, String height, String width, String last) {
    /** Declares the parameters batch, height, width and {@code last}. */
    public static PictureSize parameters(PtxWriter w, String last) {
        return new PictureSize(w, w.integer("batch"), w.integer("height"), w.integer("width"), w.integer(last));
    }

    /** Finds the output of this thread, {@code vector} channels, a power of two; threads past the end stop. */
    public OutputPixel pixel(int vector) {
        return OutputPixel.of(w, batch, height, width, last, vector);
    }
}
