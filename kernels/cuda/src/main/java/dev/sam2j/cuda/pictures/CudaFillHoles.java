package dev.sam2j.cuda.pictures;

import dev.sam2j.cuda.device.CudaDevice;
import dev.sam2j.cuda.device.Launch;
import dev.sam2j.cuda.ptx.PtxKernel;
import dev.sam2j.cuda.ptx.PtxSource;
import dev.sam2j.cuda.ptx.PtxWriter;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.fused.FillHoles;

/**
 * {@link FillHoles}, in four launches over all pixels: {@link #label}, {@link #merge}, {@link
 * #count}, {@link #apply}. Holes are pixels at or below 0, components touch by sides or corners.
 *
 * <p>Every hole pixel has a label, the pixel next on the way to the root of its component. Labels are pixel indices
 * with their bits reversed, and the root is the smallest: rows that are joined all at once then form trees of
 * logarithmic depth, where plain indices would form chains as long as the picture is high.
 */
public final class CudaFillHoles {
    private static final int THREADS = 256;
    /** Label of a pixel that is no hole; the last index in any order. */
    private static final String NONE = "0xffffffff";

    private CudaFillHoles() {}

    /** The four kernels. */
    public enum Kernel implements PtxSource {
        /** Labels every pixel with the first one of its run within the warp, and clears the areas. */
        LABEL,
        /** Joins the runs that touch. */
        MERGE,
        /**
         * Adds up the area of every component at its root, and lets the first pixels of runs know their root. Areas
         * past {@code max_area} may be too small.
         */
        COUNT,
        /** Fills what is small. */
        APPLY;

        @Override
        public PtxKernel write() {
            return switch (this) {
                case LABEL -> label();
                case MERGE -> merge();
                case COUNT -> count();
                case APPLY -> apply();
            };
        }
    }

    /** Queues the operation. */
    public static void run(CudaDevice device, FillHoles op) {
        Tensor logits = op.logits();
        int maxArea = op.maxArea();
        if (maxArea == 0) {
            return;
        }
        long maps = device.matrix(logits).address();
        int height = logits.dim(1);
        int width = logits.dim(2);
        int pixels = Math.toIntExact(logits.shape().elements());
        long labels = device.scratch(4L * pixels);
        long areas = device.scratch(4L * pixels);
        for (Kernel kernel : Kernel.values()) {
            Launch launch = device.launch(kernel)
                    .pointer("logits", maps)
                    .pointer("labels", labels)
                    .integer("pixels", pixels);
            switch (kernel) {
                case LABEL -> launch.pointer("areas", areas).integer("width", width);
                case MERGE -> launch.integer("height", height).integer("width", width);
                case COUNT ->
                    launch.pointer("areas", areas).integer("width", width).integer("max_area", maxArea);
                case APPLY ->
                    launch.pointer("areas", areas).integer("max_area", maxArea).real("value", op.value());
            }
            launch.over(pixels);
        }
    }

    private static PtxKernel label() {
        PtxWriter w = new PtxWriter("fill_holes_label", THREADS, "labels = first pixel of the run of holes, or none.");
        String logits = w.pointer("logits");
        String labels = w.pointer("labels");
        String areas = w.pointer("areas");
        String width = w.integer("width");
        String pixels = w.integer("pixels");
        Runs runs = Runs.of(w, logits, width, pixels);
        w.exitFrom(runs.index, pixels);
        String first = w.i("bfind.u32", w.i("and.b32", runs.starts, upTo(w, runs.lane)));
        String pixel = w.i("add.s32", w.i("sub.s32", runs.index, runs.lane), first);
        String label = w.i("selp.b32", w.i("brev.b32", pixel), NONE, runs.hole);
        w.op("st.global.b32", "[" + w.address(labels, runs.index, 4) + "]", label);
        w.op("st.global.b32", "[" + w.address(areas, runs.index, 4) + "]", w.i("mov.u32", 0));
        return w.build();
    }

    /** Bits 0 to {@code lane}. */
    private static String upTo(PtxWriter w, String lane) {
        return w.i("sub.s32", w.i("shl.b32", w.i("mov.u32", 2), lane), 1);
    }

    /** The holes among the pixels of a warp: bits of holes and of pixels where a run starts. */
    private record Runs(String index, String lane, String hole, String holes, String starts, String start) {
        /** All lanes of a warp take part, also past the end. */
        static Runs of(PtxWriter w, String logits, String width, String pixels) {
            String index = w.globalThread();
            String lane = w.i("and.b32", index, 31);
            String inside = w.p("setp.lt.s32", index, pixels);
            String hole = isHole(w, logits, index, inside);
            String holes = w.i("vote.sync.ballot.b32", hole, PtxWriter.ALL_LANES);
            String column = w.i("rem.u32", index, width);
            String left = w.i("and.b32", w.i("shl.b32", holes, 1), w.i("shl.b32", w.i("mov.u32", 1), lane));
            String begins = w.p("or.pred", w.p("setp.eq.s32", left, 0), w.p("setp.eq.s32", column, 0));
            String start = w.p("and.pred", hole, begins);
            String starts = w.i("vote.sync.ballot.b32", start, PtxWriter.ALL_LANES);
            return new Runs(index, lane, hole, holes, starts, start);
        }
    }

    /** Whether pixel {@code index} is at or below 0 and, if a predicate {@code exists} is given, is there. */
    private static String isHole(PtxWriter w, String logits, String index, String exists) {
        String value = w.f("mov.f32", PtxWriter.constant(1));
        String at = "[" + w.address(logits, index, 4) + "]";
        if (exists == null) {
            w.op("ld.global.f32", value, at);
        } else {
            w.when(exists, () -> w.op("ld.global.f32", value, at));
        }
        return w.p("setp.le.f32", value, PtxWriter.constant(0));
    }

    private static PtxKernel merge() {
        PtxWriter w = new PtxWriter("fill_holes_merge", THREADS, "Joins the trees of labels of runs that touch.");
        String logits = w.pointer("logits");
        String labels = w.pointer("labels");
        String height = w.integer("height");
        String width = w.integer("width");
        String pixels = w.integer("pixels");
        String index = w.globalThread();
        w.exitFrom(index, pixels);
        w.unless(isHole(w, logits, index, null), () -> w.bare("ret"));
        String line = w.i("div.u32", index, width);
        String column = w.i("sub.s32", index, w.i("mul.lo.s32", line, width));
        String hasWest = w.p("setp.gt.s32", column, 0);
        String hasEast = w.p("setp.lt.s32", w.i("add.s32", column, 1), width);
        String hasNorth = w.p("setp.ne.s32", w.i("rem.u32", line, height), 0);
        String west = w.i("sub.s32", index, 1);
        String north = w.i("sub.s32", index, width);
        String northWest = w.i("sub.s32", north, 1);
        String northEast = w.i("add.s32", north, 1);
        String isWest = isHole(w, logits, west, hasWest);
        String isEast = isHole(w, logits, w.i("add.s32", index, 1), hasEast);
        String isNorth = isHole(w, logits, north, hasNorth);
        String isNorthWest = isHole(w, logits, northWest, w.p("and.pred", hasNorth, hasWest));
        String isNorthEast = isHole(w, logits, northEast, w.p("and.pred", hasNorth, hasEast));

        w.comment("runs end at warps");
        String firstLane = w.p("setp.eq.s32", w.i("and.b32", index, 31), 0);
        join(w, labels, index, west, w.p("and.pred", isWest, firstLane));
        w.comment("neighbours in a row are joined already, so one pair of pixels joins two runs");
        String both = w.p("and.pred", isWest, isNorthWest);
        join(w, labels, index, north, w.p("and.pred", isNorth, not(w, both)));
        String corner = w.p("and.pred", isNorthWest, not(w, w.p("or.pred", isNorth, isWest)));
        join(w, labels, index, northWest, corner);
        corner = w.p("and.pred", isNorthEast, not(w, w.p("or.pred", isNorth, isEast)));
        join(w, labels, index, northEast, corner);
        return w.build();
    }

    private static String not(PtxWriter w, String predicate) {
        return w.p("not.pred", predicate);
    }

    /** Joins the components of two pixels if {@code wanted}: the root with the larger label follows the other. */
    private static void join(PtxWriter w, String labels, String a, String b, String wanted) {
        String end = w.label();
        String again = w.label();
        w.jumpUnless(wanted, end);
        String first = w.i("brev.b32", a);
        String second = w.i("brev.b32", b);
        w.place(again);
        root(w, labels, first);
        root(w, labels, second);
        w.jumpIf(w.p("setp.eq.u32", first, second), end);
        String high = w.i("max.u32", first, second);
        String low = w.i("min.u32", first, second);
        String at = w.address(labels, w.i("brev.b32", high), 4);
        w.into(first, "atom.global.min.u32", "[" + at + "]", low);
        w.op("mov.b32", second, low);
        w.comment("unless it still was a root, what it followed must be joined too");
        w.jumpIf(w.p("setp.ne.u32", first, high), again);
        w.place(end);
    }

    /** Follows a label to the root of its component. Other threads change labels meanwhile, to others on the way. */
    private static void root(PtxWriter w, String labels, String label) {
        String again = w.label();
        String end = w.label();
        w.place(again);
        String next = labelAt(w, labels, w.i("brev.b32", label));
        w.jumpIf(w.p("setp.eq.u32", next, label), end);
        w.op("mov.b32", label, next);
        w.jump(again);
        w.place(end);
    }

    private static String labelAt(PtxWriter w, String labels, String index) {
        return w.i("ld.volatile.global.b32", "[" + w.address(labels, index, 4) + "]");
    }

    private static PtxKernel count() {
        PtxWriter w = new PtxWriter("fill_holes_count", THREADS, "areas[root] = pixels of the component.");
        String logits = w.pointer("logits");
        String labels = w.pointer("labels");
        String areas = w.pointer("areas");
        String width = w.integer("width");
        String pixels = w.integer("pixels");
        String maxArea = w.integer("max_area");
        Runs runs = Runs.of(w, logits, width, pixels);
        w.unless(runs.start, () -> w.bare("ret"));
        String past = w.i("or.b32", w.i("not.b32", runs.holes), runs.starts);
        String stops = w.i("and.b32", past, w.i("not.b32", upTo(w, runs.lane)));
        String length = w.i("sub.s32", w.i("clz.b32", w.i("brev.b32", stops)), runs.lane);
        String root = w.i("brev.b32", runs.index);
        root(w, labels, root);
        w.op("st.volatile.global.b32", "[" + w.address(labels, runs.index, 4) + "]", root);
        String area = w.address(areas, w.i("brev.b32", root), 4);
        w.comment("the background is large, and everybody would wait for its counter");
        String known = w.i("ld.volatile.global.b32", "[" + area + "]");
        w.when(w.p("setp.le.s32", known, maxArea), () -> w.op("red.global.add.u32", "[" + area + "]", length));
        return w.build();
    }

    private static PtxKernel apply() {
        PtxWriter w = new PtxWriter("fill_holes_apply", THREADS, "logits = value in components of at most max_area.");
        String logits = w.pointer("logits");
        String labels = w.pointer("labels");
        String areas = w.pointer("areas");
        String pixels = w.integer("pixels");
        String maxArea = w.integer("max_area");
        String value = w.real("value");
        String index = w.globalThread();
        w.exitFrom(index, pixels);
        String run = w.i("ld.global.b32", "[" + w.address(labels, index, 4) + "]");
        w.when(w.p("setp.eq.u32", run, NONE), () -> w.bare("ret"));
        String root = w.i("ld.global.b32", "[" + w.address(labels, w.i("brev.b32", run), 4) + "]");
        String area = w.i("ld.global.b32", "[" + w.address(areas, w.i("brev.b32", root), 4) + "]");
        w.when(w.p("setp.gt.s32", area, maxArea), () -> w.bare("ret"));
        w.op("st.global.f32", "[" + w.address(logits, index, 4) + "]", value);
        return w.build();
    }
}
