package dev.sam2j.training.model;

import dev.sam2j.hiera.StageFeatures;
import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.model.LoadedModel;
import dev.sam2j.predictors.model.PictureEncoder;
import dev.sam2j.tensor.Backend;
import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Pictures of coloured rectangles for the demo model. */
public final class DemoPictures {
    /** Side of a picture. */
    public static final int SIZE = 256;

    private DemoPictures() {}

    /** Pixels of rectangle {@code number} of a picture as bits in row-major order. */
    public static long[] rectangle(int picture, int number) {
        int[] box = box(picture, number);
        long[] bits = new long[SIZE * SIZE / 64];
        for (int y = box[1]; y < box[3]; y++) {
            for (int x = box[0]; x < box[2]; x++) {
                bits[(y * SIZE + x) >> 6] |= 1L << x;
            }
        }
        return bits;
    }

    /** x0, y0, x1, y1 of a rectangle. */
    public static int[] box(int picture, int number) {
        int x = 10 + 80 * number;
        int y = 30 + 40 * picture + 20 * number;
        return new int[] {x, y, x + 60, y + 50 + 10 * number};
    }

    /** A picture of three rectangles on a noisy ground. */
    public static Picture picture(int number) {
        SplittableRandom random = new SplittableRandom(number);
        byte[] rgb = new byte[3 * SIZE * SIZE];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) (60 + random.nextInt(20));
        }
        for (int object = 0; object < 3; object++) {
            long[] bits = rectangle(number, object);
            for (int i = 0; i < SIZE * SIZE; i++) {
                if ((bits[i >> 6] >>> i & 1) != 0) {
                    rgb[3 * i + object] = (byte) (200 + random.nextInt(20));
                }
            }
        }
        return Picture.owning(rgb, SIZE, SIZE);
    }

    /** Features of the first pictures, which live as long as the backend. */
    public static List<StageFeatures> features(LoadedModel model, int count) {
        List<StageFeatures> features = new ArrayList<>();
        try (Ops ops = new Ops(model.backend());
                PictureEncoder encoder = new PictureEncoder(model, ops)) {
            for (int i = 0; i < count; i++) {
                encoder.encodeStages(
                        picture(i),
                        stages -> features.add(new StageFeatures(
                                kept(model.backend(), stages.embedding()),
                                kept(model.backend(), stages.stage0()),
                                kept(model.backend(), stages.stage1()))));
            }
        }
        return features;
    }

    private static Tensor kept(Backend backend, Tensor tensor) {
        Tensor copy = Tensor.of(backend.allocate(DType.F32, tensor.shape().elements()), 0, tensor.shape());
        backend.copy(tensor, copy);
        return copy;
    }
}
