package dev.sam2j.predictors.auto;

import dev.sam2j.common.Lifecycle;
import dev.sam2j.predictors.Sam2Model;
import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.model.EncodedPicture;
import dev.sam2j.predictors.model.LoadedModel;
import dev.sam2j.predictors.model.PictureEncoder;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Workspace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Segments everything in a picture: a grid of points is answered, poor and repeated masks are dropped.
 *
 * <pre>{@code
 * try (AutomaticMaskGenerator generator = new AutomaticMaskGenerator(model, AutomaticMaskOptions.DEFAULT)) {
 *     List<AutomaticMask> masks = generator.generate(Picture.read(Path.of("photo.jpg")));
 * }
 * }</pre>
 *
 * <p>One thread at a time may use a generator; a model may have several that work at the same time. While a thread uses
 * it, and once it or the model has been closed, its methods fail with an {@link IllegalStateException} that says so.
 */
public final class AutomaticMaskGenerator implements AutoCloseable {
    private final LoadedModel model;
    private final AutomaticMaskOptions options;
    private final Ops ops;
    private final PictureEncoder encoder;
    private final PointDecoder decoder;
    private final Lifecycle lifecycle;

    /** Hears how far a picture has been segmented; called on the thread that segments. */
    @FunctionalInterface
    public interface Listener {
        /** Hears nothing. */
        Listener NONE = (done, total) -> {};

        /** Parts of the work. */
        enum Stage {
            /** Looking at the picture or a crop of it. */
            ENCODER,
            /** Answering points. */
            DECODER,
            /** Scoring, thresholding, encoding and suppressing masks. */
            POSTPROCESSING
        }

        /**
         * Some points have been answered.
         *
         * @param done points so far, of all crops
         * @param total points of the picture and all crops, at least 1
         */
        void progress(int done, int total);

        /** Time that a part of the work took, in nanoseconds; the sum of all calls for a stage is its time. */
        default void spent(Stage stage, long nanos) {}
    }

    /** A generator; the caller keeps owning the model. */
    public AutomaticMaskGenerator(Sam2Model model, AutomaticMaskOptions options) {
        this.model = LoadedModel.of(model);
        this.options = options;
        try (Lifecycle.Use use = this.model.lifecycle().use()) {
            this.ops = new Ops(this.model.backend());
            this.encoder = new PictureEncoder(this.model, ops);
            this.decoder = new PointDecoder(this.model, ops, options);
            this.lifecycle = Lifecycle.exclusive("the automatic mask generator", this.model.lifecycle());
        }
    }

    /** The options. */
    public AutomaticMaskOptions options() {
        return options;
    }

    /** Segments a picture, see {@link #generate(Picture, Listener)}. */
    public List<AutomaticMask> generate(Picture picture) {
        return generate(picture, Listener.NONE);
    }

    /**
     * Segments a picture.
     *
     * @return the masks by descending predicted IoU; with crops those of smaller crops first. Empty if nothing passes
     *     the filters
     */
    public List<AutomaticMask> generate(Picture picture, Listener listener) {
        try (Lifecycle.Use use = lifecycle.use()) {
            return generated(picture, listener);
        }
    }

    private List<AutomaticMask> generated(Picture picture, Listener listener) {
        List<CropBox> crops =
                CropBox.of(picture.width(), picture.height(), options.cropNLayers(), options.cropOverlapRatio());
        List<PointGrid> grids = options.grids();
        Progress progress = new Progress(
                listener,
                crops.stream().mapToInt(crop -> grids.get(crop.layer()).size()).sum());
        List<AutomaticMask> masks = new ArrayList<>();
        for (CropBox crop : crops) {
            masks.addAll(segment(picture, crop, grids.get(crop.layer()), progress));
        }
        long start = System.nanoTime();
        if (crops.size() > 1) {
            masks = Suppression.betweenCrops(masks, options.cropNmsThresh());
        }
        if (options.minMaskRegionArea() > 0 && !options.lowResRegions()) {
            double threshold = Math.max(options.boxNmsThresh(), options.cropNmsThresh());
            masks = Suppression.withoutSmallRegions(masks, options.minMaskRegionArea(), threshold);
        }
        listener.spent(Listener.Stage.POSTPROCESSING, System.nanoTime() - start);
        return List.copyOf(masks);
    }

    private List<AutomaticMask> segment(Picture picture, CropBox crop, PointGrid grid, Progress progress) {
        long start = System.nanoTime();
        boolean whole = crop.width() == picture.width() && crop.height() == picture.height();
        Picture part = whole ? picture : picture.crop(crop.x(), crop.y(), crop.width(), crop.height());
        Candidates candidates = new Candidates(model, options, crop, picture.width(), picture.height());
        try (EncodedPicture encoded = encoder.encode(part)) {
            model.backend().synchronize();
            progress.listener.spent(Listener.Stage.ENCODER, System.nanoTime() - start);
            answer(encoded, grid.toPixels(crop.width(), crop.height()), crop, candidates, progress);
        }
        start = System.nanoTime();
        List<AutomaticMask> kept = candidates.suppressed();
        progress.listener.spent(Listener.Stage.POSTPROCESSING, System.nanoTime() - start);
        return kept;
    }

    /** Answers all points, given in pixels of the crop. */
    private void answer(
            EncodedPicture encoded, float[] pixels, CropBox crop, Candidates candidates, Progress progress) {
        float[] scaled = scaled(pixels, crop);
        int step = 2 * decoder.group();
        try (Workspace.Frame frame = ops.frame()) {
            long start = System.nanoTime();
            PointDecoder.Shared shared = decoder.share(encoded.features());
            for (int from = 0; from < pixels.length; from += step) {
                int first = from;
                int to = Math.min(from + step, pixels.length);
                long[] offered = {0};
                decoder.decode(shared, Arrays.copyOfRange(scaled, from, to), (point, iou, logits) -> {
                    long offer = System.nanoTime();
                    int at = first + 2 * point;
                    candidates.offer(ops, logits, iou, pixels[at] + crop.x(), pixels[at + 1] + crop.y());
                    offered[0] += System.nanoTime() - offer;
                });
                long end = System.nanoTime();
                progress.listener.spent(Listener.Stage.POSTPROCESSING, offered[0]);
                progress.listener.spent(Listener.Stage.DECODER, end - start - offered[0]);
                progress.points((to - from) / 2);
                start = end;
            }
        }
    }

    /** From pixels of a crop to pixels of the model's square picture. */
    private float[] scaled(float[] pixels, CropBox crop) {
        float size = model.config().imageSize();
        float[] scaled = new float[pixels.length];
        for (int i = 0; i < pixels.length; i += 2) {
            scaled[i] = pixels[i] / crop.width() * size;
            scaled[i + 1] = pixels[i + 1] / crop.height() * size;
        }
        return scaled;
    }

    /** Counts points of all crops. */
    private static final class Progress {
        private final Listener listener;
        private final int total;
        private int done;

        Progress(Listener listener, int total) {
            this.listener = listener;
            this.total = total;
        }

        void points(int count) {
            done += count;
            listener.progress(done, total);
        }
    }

    /**
     * Frees the working memory. Closing twice has no effect.
     *
     * @throws IllegalStateException if the generator is in use, by another thread or this one
     */
    @Override
    public void close() {
        if (lifecycle.close()) {
            encoder.close();
            ops.close();
        }
    }
}
