package dev.sam2j.cuda.ptx;

/** A convolution whose inputs tests look up. */
public record Convolution(int height, int width, int channels, int kernelSize, int step, int padding) {
    public int outHeight() {
        return (height + 2 * padding - kernelSize) / step + 1;
    }

    public int outWidth() {
        return (width + 2 * padding - kernelSize) / step + 1;
    }

    /** Row of the input pixel under a tap of output r, or -1 in the padding. */
    public int inputRow(int r, int i, int j) {
        int y = r / outWidth() % outHeight() * step - padding + i;
        int x = r % outWidth() * step - padding + j;
        int entry = r / outWidth() / outHeight();
        return y < 0 || y >= height || x < 0 || x >= width ? -1 : (entry * height + y) * width + x;
    }
}
