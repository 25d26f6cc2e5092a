package dev.sam2j.predictors;

import dev.sam2j.heads.SharedImage;
import dev.sam2j.tensor.Backend;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Storage;
import dev.sam2j.tensor.Tensor;

/**
 * What single clicks on a picture have in common. On a backend that has {@link Backend#lowRank} operations it saves a
 * third of a click's time but costs that of five such savings, so it is computed once a picture gets more clicks.
 */
final class ClickedImage implements AutoCloseable {
    /** More embedded points make as many rows as an image of their own has channels, which saves nothing. */
    private static final int POINTS = 1;

    private static final int PAYS_FROM = 6;

    private final Sam2Model model;
    private final Ops ops;
    private ImageEmbedding embedding;
    private int clicks;
    private Storage storage;
    private SharedImage image;

    ClickedImage(Sam2Model model, Ops ops) {
        this.model = model;
        this.ops = ops;
    }

    /**
     * The shared image for {@code prompts} more prompts without masks about a picture, or null if each should have an
     * image of its own.
     */
    SharedImage of(ImageEmbedding current, int points, int prompts) {
        if (points != POINTS || model.backend().lowRank().isEmpty()) {
            return null;
        }
        if (current != embedding) {
            close();
            embedding = current;
        }
        clicks += Math.min(prompts, PAYS_FROM);
        if (image == null && clicks >= PAYS_FROM) {
            image = share(current.features().embedding());
        }
        return image;
    }

    private SharedImage share(Tensor features) {
        storage = model.backend()
                .allocate(model.backend().activationType(), features.shape().elements());
        Tensor sum = Tensor.of(storage, 0, features.shape());
        ops.add(features, 1, model.promptEncoder().noMask(), 1, sum);
        Tensor rows = sum.reshape(1, features.dim(1) * features.dim(2), features.cols());
        return model.maskDecoder().share(ops, rows, model.promptEncoder().gridPositions(), POINTS);
    }

    /** Forgets the picture. */
    @Override
    public void close() {
        embedding = null;
        clicks = 0;
        image = null;
        if (storage != null) {
            storage.close();
            storage = null;
        }
    }
}
