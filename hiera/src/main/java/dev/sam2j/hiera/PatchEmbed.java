package dev.sam2j.hiera;

import dev.sam2j.configs.HieraConfig;
import dev.sam2j.tensor.Conv2dSpec;
import dev.sam2j.tensor.Interpolation;
import dev.sam2j.tensor.Lazy;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Parameter;
import dev.sam2j.tensor.Shape;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.Weights;
import dev.sam2j.tensor.nn.Conv2d;

/**
 * Cuts the picture into overlapping patches and adds their positions: a 7x7 convolution of stride 4, plus a background
 * embedding enlarged to the grid by cubic interpolation, plus a window embedding tiled over it.
 */
final class PatchEmbed {
    private static final Conv2dSpec SPEC =
            new Conv2dSpec(HieraConfig.PATCH_KERNEL, HieraConfig.PATCH_STRIDE, HieraConfig.PATCH_PADDING);

    private final Conv2d proj;
    private final Lazy<Tensor> positions; // (1, S/4, S/4, E)

    PatchEmbed(Weights weights, HieraConfig config, int imageSize) {
        int channels = config.embedDim();
        int window = config.windowSpec().get(0);
        int backgroundHeight = config.windowPosEmbedBkgHeight();
        int backgroundWidth = config.windowPosEmbedBkgWidth();
        int grid = imageSize / HieraConfig.PATCH_STRIDE;
        Parameter background = weights.get("pos_embed", 1, channels, backgroundHeight, backgroundWidth);
        Parameter tile = weights.get("pos_embed_window", 1, channels, window, window);
        this.proj = new Conv2d(weights.at("patch_embed.proj"), 3, channels, SPEC);
        this.positions = weights.constant(Shape.of(1, grid, grid, channels), () -> {
            float[] small = channelsLast(background.read(), channels);
            float[] table = enlarge(weights, small, Shape.of(1, backgroundHeight, backgroundWidth, channels), grid);
            addTiled(table, channelsLast(tile.read(), channels), grid, window, channels);
            return table;
        });
    }

    /** Picture (B, S, S, 3) to tokens (B, S/4, S/4, E). */
    Tensor forward(Ops ops, Tensor image) {
        return proj.forwardAdd(ops, image, positions.get());
    }

    /** Encodings of the positions of the grid, (1, S/4, S/4, E). */
    Tensor positions() {
        return positions.get();
    }

    private static float[] enlarge(Weights weights, float[] background, Shape shape, int grid) {
        try (Ops ops = new Ops(weights.backend())) {
            Tensor small = ops.tensor(background, shape.toArray());
            return ops.toHost(ops.interpolate(small, Interpolation.BICUBIC, grid, grid));
        }
    }

    private static void addTiled(float[] table, float[] tile, int grid, int window, int channels) {
        for (int y = 0; y < grid; y++) {
            for (int x = 0; x < grid; x++) {
                int to = (y * grid + x) * channels;
                int from = ((y % window) * window + x % window) * channels;
                for (int c = 0; c < channels; c++) {
                    table[to + c] += tile[from + c];
                }
            }
        }
    }

    /** (C, H, W) to (H, W, C). */
    private static float[] channelsLast(float[] values, int channels) {
        int pixels = values.length / channels;
        float[] moved = new float[values.length];
        for (int c = 0; c < channels; c++) {
            for (int p = 0; p < pixels; p++) {
                moved[p * channels + c] = values[c * pixels + p];
            }
        }
        return moved;
    }
}
