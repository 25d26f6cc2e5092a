package dev.sam2j.heads;

import dev.sam2j.configs.Sam2Config;
import dev.sam2j.tensor.Activation;
import dev.sam2j.tensor.Conv2dSpec;
import dev.sam2j.tensor.Lazy;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Shape;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.Workspace;
import dev.sam2j.tensor.nn.Conv2d;
import dev.sam2j.tensor.nn.LayerNorm;
import dev.sam2j.tensor.nn.Linear;
import dev.sam2j.tensor.weights.Weights;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Turns clicks, box corners and a coarse mask into what the mask decoder reads. */
public final class PromptEncoder {
    /** Label of a point that stands for nothing. */
    public static final int PADDING = -1;
    /** Label of a click outside the object. */
    public static final int BACKGROUND = 0;
    /** Label of a click on the object. */
    public static final int FOREGROUND = 1;
    /** Label of the upper left corner of a box. */
    public static final int BOX_TOP_LEFT = 2;
    /** Label of the lower right corner of a box. */
    public static final int BOX_BOTTOM_RIGHT = 3;

    private static final int POINT_KINDS = 4;
    private static final int MASK_CHANNELS = 16;
    private static final float EPS = 1e-6f;
    private static final Conv2dSpec HALVE = new Conv2dSpec(2, 2, 0);

    private final int imageSize;
    private final int channels;
    private final FourierPositions positions;
    private final List<Lazy<float[]>> pointEmbeddings = new ArrayList<>();
    private final Lazy<float[]> notAPoint;
    private final Lazy<Tensor> noPoints; // (1, 2, C)
    private final Lazy<Tensor> noMask; // (1, 1, 1, C)
    private final Lazy<Tensor> gridPositions; // (1, h*w, C)
    private final Conv2d down1;
    private final LayerNorm norm1;
    private final Conv2d down2;
    private final LayerNorm norm2;
    private final Linear project;

    /** A prompt encoder at {@code weights} ({@code sam_prompt_encoder}). */
    public PromptEncoder(Weights weights, Sam2Config config) {
        this.imageSize = config.imageSize();
        this.channels = config.hiddenDim();
        int grid = config.embeddingSize();
        this.positions =
                new FourierPositions(weights.get("pe_layer.positional_encoding_gaussian_matrix", 2, channels / 2));
        for (int kind = 0; kind < POINT_KINDS; kind++) {
            pointEmbeddings.add(
                    new Lazy<>(weights.at("point_embeddings").at(kind).get("weight", 1, channels)::read));
        }
        this.notAPoint = new Lazy<>(weights.get("not_a_point_embed.weight", 1, channels)::read);
        this.noPoints = weights.constant(Shape.of(1, 2, channels), () -> {
            float[] twice = Arrays.copyOf(notAPoint.get(), 2 * channels);
            System.arraycopy(twice, 0, twice, channels, channels);
            return twice;
        });
        var noMaskEmbed = weights.get("no_mask_embed.weight", 1, channels);
        this.noMask = weights.constant(Shape.of(1, 1, 1, channels), noMaskEmbed::read);
        this.gridPositions = weights.constant(Shape.of(1, grid * grid, channels), () -> positions.grid(grid, grid));
        Weights mask = weights.at("mask_downscaling");
        this.down1 = new Conv2d(mask.at(0), 1, MASK_CHANNELS / 4, HALVE);
        this.norm1 = new LayerNorm(mask.at(1), MASK_CHANNELS / 4, EPS);
        this.down2 = new Conv2d(mask.at(3), MASK_CHANNELS / 4, MASK_CHANNELS, HALVE);
        this.norm2 = new LayerNorm(mask.at(4), MASK_CHANNELS, EPS);
        this.project = Linear.conv1x1(mask.at(6), MASK_CHANNELS, channels);
    }

    /**
     * Embeds the points of several prompts; a padding point is appended to each.
     *
     * @param coordinates x, y of each point in pixels of the model's square picture, (prompts, points, 2)
     * @param labels one label per point, (prompts, points); values other than the constants of this class leave the
     *     position alone
     * @return (prompts, points + 1, C)
     */
    public Tensor points(Ops ops, float[] coordinates, int[] labels, int prompts) {
        int points = labels.length / prompts;
        float[] tokens = new float[prompts * (points + 1) * channels];
        for (int prompt = 0; prompt < prompts; prompt++) {
            int row = prompt * (points + 1);
            for (int i = 0; i < points; i++) {
                int point = prompt * points + i;
                embed(coordinates[2 * point], coordinates[2 * point + 1], labels[point], tokens, (row + i) * channels);
            }
            add(notAPoint.get(), tokens, (row + points) * channels);
        }
        return ops.tensor(tokens, prompts, points + 1, channels);
    }

    /**
     * What {@link #points} makes of a padding point, for each of several prompts, (prompts, 2, C).
     */
    public Tensor noPoints(Ops ops, int prompts) {
        return prompts == 1 ? noPoints.get() : ops.repeat(noPoints.get(), prompts);
    }

    private void embed(float x, float y, int label, float[] tokens, int offset) {
        if (label == PADDING) {
            add(notAPoint.get(), tokens, offset);
            return;
        }
        positions.addTo((x + 0.5f) / imageSize, (y + 0.5f) / imageSize, tokens, offset);
        if (label >= 0 && label < POINT_KINDS) {
            add(pointEmbeddings.get(label).get(), tokens, offset);
        }
    }

    private static void add(float[] vector, float[] tokens, int offset) {
        for (int c = 0; c < vector.length; c++) {
            tokens[offset + c] += vector[c];
        }
    }

    /** Embeds coarse mask logits (B, S/4, S/4, 1) as (B, S/16, S/16, C). */
    public Tensor mask(Ops ops, Tensor logits) {
        Tensor dense = ops.empty(logits.dim(0), logits.dim(1) / 4, logits.dim(2) / 4, channels);
        try (Workspace.Frame frame = ops.frame()) {
            Tensor x = down1.forward(ops, logits);
            norm1.forwardInPlace(ops, x, Activation.GELU);
            x = down2.forward(ops, x);
            norm2.forwardInPlace(ops, x, Activation.GELU);
            project.forwardInto(ops, x, dense);
        }
        return dense;
    }

    /** What stands in for a mask at every position where none is given, (1, 1, 1, C). */
    public Tensor noMask() {
        return noMask.get();
    }

    /** Encodings of the positions of the image embedding, (1, S/16 * S/16, C). */
    public Tensor gridPositions() {
        return gridPositions.get();
    }
}
