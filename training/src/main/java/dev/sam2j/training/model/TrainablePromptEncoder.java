package dev.sam2j.training.model;

import dev.sam2j.configs.Sam2Config;
import dev.sam2j.heads.FourierPositions;
import dev.sam2j.heads.PromptEncoder;
import dev.sam2j.tensor.Activation;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.training.grad.GradOps;
import dev.sam2j.training.grad.ParameterStore;
import dev.sam2j.training.grad.Var;
import java.util.ArrayList;
import java.util.List;

/** Turns clicks, box corners and the mask of the step before into what the decoder reads: see {@link PromptEncoder}. */
final class TrainablePromptEncoder {
    private static final int POINT_KINDS = 4;
    private static final int MASK_CHANNELS = 16;
    private static final float EPS = 1e-6f;

    private final int imageSize;
    private final int channels;
    private final FourierPositions positions;
    private final List<Var> pointEmbeddings = new ArrayList<>(); // of each kind, then of no point
    private final Var noMask;
    private final Tensor gridPositions;
    private final Linear down1;
    private final LayerNorm norm1;
    private final Linear down2;
    private final LayerNorm norm2;
    private final Linear project;

    TrainablePromptEncoder(ParameterStore.Path path, Sam2Config config) {
        this.imageSize = config.imageSize();
        this.channels = config.hiddenDim();
        this.positions =
                new FourierPositions(path.stored("pe_layer.positional_encoding_gaussian_matrix", 2, channels / 2));
        for (int kind = 0; kind < POINT_KINDS; kind++) {
            pointEmbeddings.add(path.at("point_embeddings")
                    .at(kind)
                    .vector("weight", 1, channels)
                    .var());
        }
        pointEmbeddings.add(path.vector("not_a_point_embed.weight", 1, channels).var());
        this.noMask = path.vector("no_mask_embed.weight", 1, channels).var();
        int grid = config.embeddingSize();
        this.gridPositions = path.constant(positions.grid(grid, grid), 1, grid * grid, channels);
        ParameterStore.Path mask = path.at("mask_downscaling");
        this.down1 = Linear.convolution(mask.at(0), 1, MASK_CHANNELS / 4, 2);
        this.norm1 = LayerNorm.of(mask.at(1), MASK_CHANNELS / 4, EPS);
        this.down2 = Linear.convolution(mask.at(3), MASK_CHANNELS / 4, MASK_CHANNELS, 2);
        this.norm2 = LayerNorm.of(mask.at(4), MASK_CHANNELS, EPS);
        this.project = Linear.convolution(mask.at(6), MASK_CHANNELS, channels, 1);
    }

    /**
     * The embedded points of N objects and a padding point each, (N, P + 1, C). The embeddings of all kinds take part,
     * whichever kinds there are, as in the reference.
     */
    Var points(GradOps ops, Points points) {
        List<GradOps.Rows> kinds = pointEmbeddings.stream()
                .map(kind -> new GradOps.Rows(kind, 0, 1))
                .toList();
        Var table = ops.gather(kinds, kinds.size(), channels);
        int tokens = points.perObject() + 1;
        List<GradOps.Rows> embeddings = new ArrayList<>();
        float[] encoded = new float[points.objects() * tokens * channels];
        for (int object = 0; object < points.objects(); object++) {
            for (int i = 0; i < points.perObject(); i++) {
                int row = object * tokens + i;
                float u = (points.x(object, i) + 0.5f) / imageSize;
                float v = (points.y(object, i) + 0.5f) / imageSize;
                positions.addTo(u, v, encoded, row * channels);
                embeddings.add(new GradOps.Rows(table, points.label(object, i), 1));
            }
            embeddings.add(new GradOps.Rows(table, POINT_KINDS, 1));
        }
        Var embedded = ops.gather(embeddings, points.objects(), tokens, channels);
        Tensor places = ops.tape().allocate(embedded.value().shape());
        ops.tape().backend().upload(encoded, 0, places);
        return ops.add(embedded, Var.constant(places));
    }

    /** Embeds mask logits (N, S/4, S/4, 1) as (N, S/16 * S/16, C). */
    Var mask(GradOps ops, Var logits) {
        Var x = norm1.forward(ops, down1.forward(ops, ops.pixelUnshuffle(logits)));
        x = ops.pixelUnshuffle(ops.activation(Activation.GELU, x));
        x = ops.activation(Activation.GELU, norm2.forward(ops, down2.forward(ops, x)));
        return project.forward(ops, x).reshape(x.dim(0), x.dim(1) * x.dim(2), channels);
    }

    /** What stands in for a mask at every position where none is given, (1, C). */
    Var noMask() {
        return noMask;
    }

    /** Encodings of the positions of the image embedding, (1, S/16 * S/16, C). */
    Var gridPositions() {
        return Var.constant(gridPositions);
    }
}
