package dev.sam2j.cli.prompts;

import dev.sam2j.cli.files.MaskFile;
import dev.sam2j.cli.terminal.CliException;
import dev.sam2j.cli.terminal.Console;
import dev.sam2j.predictors.LowResMask;
import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.mask.Mask;
import dev.sam2j.tensor.Shape;
import dev.sam2j.weights.file.CheckpointFile;
import dev.sam2j.weights.safetensors.Safetensors;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/**
 * A coarse mask from a file: either a picture of the mask, or low-resolution logits as {@code --logits} writes them.
 * Pixels become logits by the share c of each low-resolution cell that is object: 10 (2c - 1), so +10 inside, -10
 * outside, 0 on the edge.
 */
public final class MaskInput {
    /** Name of the logits in files of {@code --logits}, (N, h, w). */
    public static final String LOGITS = "low_res_logits";

    /** Name of the scores there, (N). */
    public static final String SCORES = "iou";

    private static final float INSIDE = 10;

    private final Path file;
    private final Mask mask;
    private final float[] logits;

    private MaskInput(Path file, Mask mask, float[] logits) {
        this.file = file;
        this.mask = mask;
        this.logits = logits;
    }

    /**
     * Reads a mask about a picture; of several in a file the one with the best score is taken.
     *
     * @throws CliException if the mask has not the picture's size, or the file does not hold what {@code --logits}
     *     writes
     * @throws dev.sam2j.predictors.image.PictureException if it is a broken picture or none
     * @throws dev.sam2j.weights.CheckpointException if it is a broken safetensors file
     */
    static MaskInput read(Path file, Picture picture, Console console) {
        if (isSafetensors(file)) {
            return new MaskInput(file, null, readLogits(file, console));
        }
        return new MaskInput(file, MaskFile.read(file, picture.width(), picture.height(), "picture"), null);
    }

    /** The header of safetensors begins after eight bytes with a brace; no picture format has one there. */
    private static boolean isSafetensors(Path file) {
        if (Files.isDirectory(file)) {
            return false;
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] start = in.readNBytes(9);
            return start.length == 9 && start[8] == '{';
        } catch (IOException e) {
            return false; // the reader of pictures says what is wrong
        }
    }

    private static float[] readLogits(Path file, Console console) {
        try (CheckpointFile tensors = Safetensors.open(file)) {
            if (!tensors.names().contains(LOGITS)) {
                throw CliException.failure(file + ": there is no tensor " + LOGITS + " in it");
            }
            Shape shape = tensors.shape(LOGITS);
            if (shape.rank() != 3 || shape.dim(1) != shape.dim(2) || shape.elements() > Integer.MAX_VALUE / 4) {
                throw CliException.failure(file + ": " + LOGITS + " must be (N, h, h), got " + shape);
            }
            float[] all = new float[(int) shape.elements()];
            tensors.read(LOGITS, all, 0);
            int best = shape.dim(0) == 1 ? 0 : best(tensors, shape.dim(0), file);
            if (shape.dim(0) > 1) {
                console.say("of the " + shape.dim(0) + " masks in " + file + " number " + best
                        + ", which has the best score, is used");
            }
            int cells = shape.dim(1) * shape.dim(2);
            return Arrays.copyOfRange(all, best * cells, (best + 1) * cells);
        }
    }

    private static int best(CheckpointFile tensors, int count, Path file) {
        if (!tensors.names().contains(SCORES) || !tensors.shape(SCORES).equals(Shape.of(count))) {
            throw CliException.failure(
                    file + ": " + count + " masks need a tensor " + SCORES + " of " + count + " scores to choose from");
        }
        float[] scores = new float[count];
        tensors.read(SCORES, scores, 0);
        return IntStream.range(1, count).reduce(0, (best, i) -> scores[i] > scores[best] ? i : best);
    }

    /**
     * The mask as a prompt of a model.
     *
     * @param size the model's low-resolution side
     * @throws CliException if the file has logits of another size
     */
    public LowResMask toLowRes(int size) {
        if (logits == null) {
            return LowResMask.of(fromPixels(mask, size), size);
        }
        if (logits.length != size * size) {
            int side = (int) Math.sqrt(logits.length);
            throw CliException.failure(
                    file + ": the model takes logits of " + size + "x" + size + ", got " + side + "x" + side);
        }
        return LowResMask.of(logits, size);
    }

    private static float[] fromPixels(Mask mask, int size) {
        byte[] pixels = mask.toBytes(1);
        double[] columns = averaged(i -> pixels[i], mask.height(), mask.width(), size); // (size, height)
        double[] shares = averaged(i -> columns[i], size, mask.height(), size); // (size, size)
        float[] result = new float[shares.length];
        for (int i = 0; i < result.length; i++) {
            result[i] = (float) (INSIDE * (2 * shares[i] - 1));
        }
        return result;
    }

    /**
     * Averages rows over {@code cells} equal parts, values on a border by their share.
     *
     * @param rows (height, width)
     * @return (cells, height)
     */
    private static double[] averaged(IntToDoubleFunction rows, int height, int width, int cells) {
        double[] columns = new double[cells * height];
        for (int i = 0; i < cells; i++) {
            double from = (double) i * width / cells;
            double to = (double) (i + 1) * width / cells;
            for (int y = 0; y < height; y++) {
                double sum = 0;
                for (int x = (int) from; x < Math.min(width, Math.ceil(to)); x++) {
                    sum += rows.applyAsDouble(y * width + x) * (Math.min(to, x + 1) - Math.max(from, x));
                }
                columns[i * height + y] = sum / (to - from);
            }
        }
        return columns;
    }
}
