package dev.sam2j.predictors;

import dev.sam2j.heads.MaskDecoder;
import dev.sam2j.heads.PromptEncoder;
import dev.sam2j.heads.SharedImage;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Storage;
import dev.sam2j.tensor.Tensor;

/**
 * What clicks and boxes on a picture have in common. Where the decoder {@link MaskDecoder#sharesWell shares well} it
 * saves a third of their time but costs as much as five of them save, so it is computed once a picture gets more.
 */
final class PromptedImage implements AutoCloseable {
    /** Corners of a box and clicks of a prompt; more make nearly as many rows as an image has channels. */
    private static final int MAX_POINTS = 5;

    private static final int PAYS_FROM = 6;

    private final Sam2Model model;
    private final Ops ops;
    private ImageEmbedding embedding;
    private int answered;
    private Storage storage;
    private SharedImage image;

    PromptedImage(Sam2Model model, Ops ops) {
        this.model = model;
        this.ops = ops;
    }

    /**
     * The shared image for {@code prompts} more prompts without masks about a picture, or null if each should have an
     * image of its own.
     */
    SharedImage of(ImageEmbedding current, int points, int prompts) {
        if (points == 0 || points > MAX_POINTS || !model.maskDecoder().sharesWell(ops, points)) {
            return null;
        }
        if (current != embedding) {
            close();
            embedding = current;
        }
        answered += prompts;
        if (image == null && answered >= PAYS_FROM) {
            image = share(current.features().embedding(), points);
        }
        return image;
    }

    private SharedImage share(Tensor features, int points) {
        storage = model.backend()
                .allocate(model.backend().activationType(), features.shape().elements());
        Tensor sum = Tensor.of(storage, 0, features.shape());
        PromptEncoder encoder = model.promptEncoder();
        return model.maskDecoder().share(ops, features, encoder.noMask(), encoder.gridPositions(), points, sum);
    }

    /** Forgets the picture. */
    @Override
    public void close() {
        embedding = null;
        answered = 0;
        image = null;
        if (storage != null) {
            storage.close();
            storage = null;
        }
    }
}
