package dev.sam2j.training.data;

import dev.sam2j.training.data.augment.Augmentation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Draws the batches of an epoch: every picture once, in another order each time, each with some of its objects. The
 * same seed and epoch give the same batches.
 */
public final class Sampler {
    private final DataSet data;
    private final Settings settings;

    /**
     * What is drawn.
     *
     * @param imageSize side of the model's square picture
     * @param batch pictures of a step, fewer in the last one
     * @param objects most objects of a picture in an epoch
     * @param augmentation how pictures are changed
     * @param seed of the run
     */
    public record Settings(int imageSize, int batch, int objects, Augmentation augmentation, long seed) {
        /** Checks that the numbers are positive. */
        public Settings {
            if (imageSize < 1 || batch < 1 || objects < 1) {
                throw new IllegalArgumentException("sampler: image size, batch and objects must be positive, got "
                        + imageSize + ", " + batch + ", " + objects);
            }
        }
    }

    /** A sampler of a data set, which is not empty. */
    public Sampler(DataSet data, Settings settings) {
        this.data = data;
        this.settings = settings;
    }

    /** Number of batches in an epoch. */
    public int batches() {
        return (data.size() + settings.batch() - 1) / settings.batch();
    }

    /** The batches of an epoch, without pixels. */
    public List<TrainingBatch> epoch(int epoch) {
        int[] order = IntStream.range(0, data.size()).toArray();
        Draws.shuffle(order, Draws.of(settings.seed(), epoch, Draws.NO_SAMPLE, "order"));
        List<TrainingBatch> batches = new ArrayList<>();
        for (int from = 0; from < order.length; from += settings.batch()) {
            int to = Math.min(from + settings.batch(), order.length);
            List<TrainingItem> items = Arrays.stream(order, from, to)
                    .mapToObj(sample -> item(epoch, sample))
                    .toList();
            batches.add(new TrainingBatch(epoch, batches.size(), items));
        }
        return batches;
    }

    private TrainingItem item(int epoch, int index) {
        Sample sample = data.samples().get(index);
        int[] objects = IntStream.range(0, sample.objects().count()).toArray();
        if (objects.length > settings.objects()) {
            Draws.shuffle(objects, Draws.of(settings.seed(), epoch, index, "objects"));
            objects = Arrays.copyOf(objects, settings.objects());
            Arrays.sort(objects);
        }
        return new TrainingItem(
                sample,
                index,
                objects,
                settings.augmentation().draw(Draws.of(settings.seed(), epoch, index, "view")),
                settings.imageSize());
    }
}
