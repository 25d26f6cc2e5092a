package dev.sam2j.hiera;

import dev.sam2j.configs.HieraConfig;
import dev.sam2j.tensor.Backend;
import dev.sam2j.tensor.Conv2dSpec;
import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Interpolation;
import dev.sam2j.tensor.Lazy;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Shape;
import dev.sam2j.tensor.Storage;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.nn.Conv2d;
import dev.sam2j.tensor.weights.Parameter;
import dev.sam2j.tensor.weights.Weights;

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
        this.positions = weights.computed(Shape.of(1, grid, grid, channels), table -> {
            float[] small = channelsLast(background.read(), channels);
            float[] lines = tiled(channelsLast(tile.read(), channels), grid, window, channels);
            enlarge(weights.backend(), small, Shape.of(1, backgroundHeight, backgroundWidth, channels), lines, table);
        });
    }

    /** Picture (B, S, S, 3) to float32 tokens (B, S/4, S/4, E). */
    Tensor forward(Ops ops, Tensor image) {
        Tensor table = positions.get();
        Tensor tokens = ops.emptyF32(image.dim(0), table.dim(1), table.dim(2), table.dim(3));
        proj.forwardAdd(ops, image, table, tokens);
        return tokens;
    }

    /** Encodings of the positions of the grid, (1, S/4, S/4, E). */
    Tensor positions() {
        return positions.get();
    }

    /** The background, enlarged, plus {@code lines}, which repeat from top to bottom. */
    private static void enlarge(Backend backend, float[] background, Shape shape, float[] lines, Tensor table) {
        Shape repeated = Shape.of(lines.length / table.cols(), table.cols());
        try (Storage small = backend.allocate(DType.F32, background.length);
                Storage added = backend.allocate(DType.F32, lines.length)) {
            Tensor source = Tensor.of(small, 0, shape);
            Tensor addend = Tensor.of(added, 0, repeated);
            backend.upload(background, 0, source);
            backend.upload(lines, 0, addend);
            backend.interpolate(source, Interpolation.BICUBIC, table);
            backend.add(table, 1, addend, 1, table);
            backend.synchronize();
        }
    }

    /** The tile (window, window, C), repeated from left to right: (window, grid, C). */
    private static float[] tiled(float[] tile, int grid, int window, int channels) {
        float[] lines = new float[window * grid * channels];
        for (int y = 0; y < window; y++) {
            for (int x = 0; x < grid; x++) {
                int from = (y * window + x % window) * channels;
                System.arraycopy(tile, from, lines, (y * grid + x) * channels, channels);
            }
        }
        return lines;
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
