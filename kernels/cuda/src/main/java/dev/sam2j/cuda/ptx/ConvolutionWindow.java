package dev.sam2j.cuda.ptx;

/**
 * What a square convolution with zero padding reads.
 *
 * @param height register of the input's height
 * @param width register of the input's width
 * @param kernel register of the kernel's size
 * @param step register of the distance between windows
 * @param padding register of the zeros around the input on each side
 */
public record ConvolutionWindow(PtxWriter w, String height, String width, String kernel, String step, String padding) {
    /** Declares the parameters input_height, input_width, kernel, step and padding. */
    public static ConvolutionWindow parameters(PtxWriter w) {
        return new ConvolutionWindow(
                w,
                w.integer("input_height"),
                w.integer("input_width"),
                w.integer("kernel"),
                w.integer("step"),
                w.integer("padding"));
    }

    /** First row or column of the window of an output row or column; it may be negative. */
    public String start(String output) {
        return w.i("sub.s32", w.i("mul.lo.s32", output, step), padding);
    }

    /** What is done at a place of the kernel, with the row of the input that lies under it. */
    public interface Tap {
        /** Writes it. */
        void at(String tap, String row);
    }

    /** Loops over the places of the kernel that lie inside the picture. */
    public void taps(OutputPixel p, Tap tap) {
        String top = start(p.y());
        String left = start(p.x());
        w.loop(0, kernel, 1, i -> {
            String y = w.i("add.s32", top, i);
            String nextRow = w.label();
            w.jumpIf(w.p("setp.ge.u32", y, height), nextRow); // unsigned: negative rows are large
            w.loop(0, kernel, 1, j -> {
                String x = w.i("add.s32", left, j);
                String next = w.label();
                w.jumpIf(w.p("setp.ge.u32", x, width), next);
                tap.at(w.i("mad.lo.s32", i, kernel, j), OutputPixel.rowOf(w, p.batch(), height, width, y, x));
                w.place(next);
            });
            w.place(nextRow);
        });
    }
}
