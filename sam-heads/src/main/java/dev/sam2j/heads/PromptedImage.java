package dev.sam2j.heads;

import dev.sam2j.tensor.Backend;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Storage;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.fused.Images;
import dev.sam2j.tensor.fused.ShareImage;

/**
 * An image that prompts without masks are decoded for, batch by batch. A backend that keeps what they share apart from
 * what each adds, see {@link ShareImage}, saves a third of their time, but to begin with costs as much as five of them
 * save: it is asked for that once there are more.
 */
public final class PromptedImage implements AutoCloseable {
    /** Corners of a box and clicks of a prompt; more make nearly as many rows as an image has channels. */
    private static final int MAX_POINTS = 5;

    private static final int PAYS_FROM = 6;

    private final MaskDecoder decoder;
    private final Ops ops;
    private final Tensor embedding;
    private final Tensor highRes0;
    private final Tensor highRes1;
    private final Tensor noMask;
    private final Tensor positions;
    private int answered;
    private Storage storage;
    private Images shared;

    /**
     * An image with its high-resolution features; see {@link MaskDecoder#forward} for the shapes.
     *
     * @param ops that all prompts are decoded with
     * @param noMask the no-mask embedding (1, 1, 1, C)
     * @param positions of the embedding's grid, (1, h*w, C)
     */
    public PromptedImage(
            MaskDecoder decoder,
            Ops ops,
            Tensor embedding,
            Tensor highRes0,
            Tensor highRes1,
            Tensor noMask,
            Tensor positions) {
        this.decoder = decoder;
        this.ops = ops;
        this.embedding = embedding;
        this.highRes0 = highRes0;
        this.highRes1 = highRes1;
        this.noMask = noMask;
        this.positions = positions;
    }

    /**
     * Decodes B prompts.
     *
     * @param sparse embedded points (B, N, C), or null for none
     * @param first of the masks that are wanted; those before may be left out
     */
    public DecodedMasks decode(Tensor sparse, int first) {
        if (sparse != null && isShared(sparse.dim(0), sparse.dim(1) - 1)) {
            MaskDecoder.Attended attended = decoder.attend(ops, shared, sparse);
            return new DecodedMasks(decoder.masks(ops, attended, highRes0, highRes1, first), first, attended.iou());
        }
        MaskDecoder.Output output = decoder.forward(ops, embedding, highRes0, highRes1, sparse, noMask, positions);
        return new DecodedMasks(output.masks(), 0, output.iou());
    }

    private boolean isShared(int prompts, int points) {
        if (points > MAX_POINTS) {
            return false;
        }
        boolean tried = answered >= PAYS_FROM;
        answered += prompts;
        if (!tried && answered >= PAYS_FROM) {
            share(points);
        }
        return shared != null && shared.suits(MaskDecoder.tokensOf(points));
    }

    /** Shares the image if the backend has a form of its own for that. */
    private void share(int points) {
        Backend backend = ops.backend();
        storage = backend.allocate(embedding.dtype(), embedding.shape().elements());
        Tensor image = Tensor.of(storage, 0, embedding.shape());
        if (backend.run(decoder.share(image, positions, points, made -> shared = made))) {
            ops.add(embedding, 1, noMask, 1, image);
        } else {
            close();
        }
    }

    /** Frees what prompts share. */
    @Override
    public void close() {
        shared = null;
        if (storage != null) {
            storage.close();
            storage = null;
        }
    }
}
