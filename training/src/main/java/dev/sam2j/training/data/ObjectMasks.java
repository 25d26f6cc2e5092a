package dev.sam2j.training.data;

import dev.sam2j.predictors.mask.Mask;
import java.util.List;

/** The annotated objects of a picture, held in a compact form and decoded when asked for. */
public interface ObjectMasks {
    /** Number of objects. */
    int count();

    /** What messages call an object, for example {@code annotation 17}. */
    String name(int object);

    /**
     * Decodes masks of the picture's size.
     *
     * @param objects which ones, from 0 to {@link #count} - 1
     * @param width of the picture
     * @param height of the picture
     * @return one mask for each, in this order
     * @throws dev.sam2j.training.TrainingException if the annotations are broken or of another size than the picture
     * @throws dev.sam2j.predictors.image.PictureException if a file of a mask cannot be read
     */
    List<Mask> decode(int[] objects, int width, int height);

    /** Only some of these objects. */
    default ObjectMasks only(int[] kept) {
        return new SomeObjects(this, kept);
    }
}
