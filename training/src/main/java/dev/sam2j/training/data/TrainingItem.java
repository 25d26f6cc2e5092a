package dev.sam2j.training.data;

import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.mask.Mask;
import dev.sam2j.training.data.augment.MaskScaler;
import dev.sam2j.training.data.augment.View;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A picture and some of its objects as one step sees them. Pixels are read when they are first asked for: a picture
 * whose features are kept is not read at all. One thread at a time may use an item.
 */
public final class TrainingItem {
    private final Sample sample;
    private final int index;
    private final int[] objects;
    private final int imageSize;
    private View view;
    private List<Mask> masks;
    private Picture picture;

    TrainingItem(Sample sample, int index, int[] objects, View view, int imageSize) {
        this.sample = sample;
        this.index = index;
        this.objects = objects;
        this.view = view;
        this.imageSize = imageSize;
    }

    /** The same item, of which nothing has been read. */
    TrainingItem unread() {
        return new TrainingItem(sample, index, objects, view, imageSize);
    }

    /** A picture as it is with all its objects, to score a model on. */
    public static TrainingItem plain(Sample sample, int index, int imageSize) {
        int[] all = IntStream.range(0, sample.objects().count()).toArray();
        return new TrainingItem(sample, index, all, View.PLAIN, imageSize);
    }

    /** The sample. */
    public Sample sample() {
        return sample;
    }

    /** The sample's index in the data set, which {@link Draws} take. */
    public int index() {
        return index;
    }

    /** Which of the sample's objects, in the order of the masks; at least one. */
    public int[] objects() {
        return objects.clone();
    }

    /** How picture and masks are changed. */
    public View view() {
        masks();
        return view;
    }

    /**
     * The objects on the model's square picture of side S, each S x S and not empty: scaled with an antialiased
     * triangle filter, a pixel belongs to the object if more than half of it does.
     */
    public List<Mask> masks() {
        if (masks == null) {
            List<Mask> own = sample.masks(objects);
            masks = scaled(view, own);
            if (view.warp() != null && masks.stream().anyMatch(Mask::isEmpty)) {
                // An object was turned out of the picture.
                view = view.withoutWarp();
                masks = scaled(view, own);
            }
        }
        return masks;
    }

    private List<Mask> scaled(View shown, List<Mask> own) {
        return own.stream()
                .map(mask -> MaskScaler.toSquare(shown.apply(mask), imageSize))
                .toList();
    }

    /**
     * The picture in its own size, to be scaled to the model's square as the predictor does.
     *
     * @throws dev.sam2j.predictors.image.PictureException if it cannot be read any more
     */
    public Picture picture() {
        if (picture == null) {
            picture = view().apply(sample.picture());
        }
        return picture;
    }
}
