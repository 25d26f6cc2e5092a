package dev.sam2j.training.model;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.cpu.CpuBackend;
import dev.sam2j.heads.MaskDecoder;
import dev.sam2j.hiera.ImageFeatures;
import dev.sam2j.hiera.StageFeatures;
import dev.sam2j.predictors.model.DemoCheckpoint;
import dev.sam2j.predictors.model.EncodedPicture;
import dev.sam2j.predictors.model.LoadedModel;
import dev.sam2j.predictors.model.PictureEncoder;
import dev.sam2j.tensor.Backend;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.training.grad.Arena;
import dev.sam2j.training.grad.ParameterStore;
import dev.sam2j.training.grad.Tape;
import dev.sam2j.training.grad.Var;
import org.junit.jupiter.api.Test;

/** What is trained is the model that predictors run. */
class TrainableSam2Test {
    private static final float[] COORDINATES = {40, 60, 120, 80, 200, 100};
    private static final float[] MORE_COORDINATES = {40, 60, 35, 70, 120, 80, 90, 20, 200, 100, 210, 110};

    @Test
    void predictsAsTheInferenceModelDoes() {
        try (CpuBackend backend = new CpuBackend(2);
                var checkpoint = DemoCheckpoint.open();
                LoadedModel model = LoadedModel.load("demo", backend);
                Arena arena = new Arena(backend);
                Tape tape = new Tape(backend, arena);
                Ops ops = new Ops(backend);
                PictureEncoder encoder = new PictureEncoder(model, ops);
                EncodedPicture encoded = encoder.encode(DemoPictures.picture(0))) {
            StageFeatures stages = DemoPictures.features(model, 1).get(0);
            // All but the encoder's laterals, which are composed with the decoder's convolutions.
            ParameterStore frozen = new ParameterStore(checkpoint, backend, name -> !name.startsWith("image_encoder."));
            TrainableSam2 trainable = new TrainableSam2(frozen, model.config());
            try (frozen;
                    HighResolution layers = trainable.highResolution(tape)) {
                PictureVars picture = trainable.picture(tape, layers, stages);
                ImageFeatures features = encoded.features();
                near("features 0", backend, picture.highRes0().value(), features.highRes0());
                near("features 1", backend, picture.highRes1().value(), features.highRes1());

                Points points = new Points(3, COORDINATES, new int[] {1, 1, 1});
                Prediction first = trainable.predict(tape, picture, points, null);
                Tensor sparse = model.promptEncoder().points(ops, points.coordinates(), points.labels(), 3);
                MaskDecoder.Output output = decode(
                        ops, model, features, sparse, model.promptEncoder().noMask());
                Tensor masks = output.masks();
                for (int object = 0; object < 3; object++) { // masks 1 to 3
                    Tensor alternatives = masks.reshape(12, masks.dim(2)).slice(4 * object + 1, 4 * object + 4);
                    near("masks", backend, rows(first.masks(), 3 * object, 3), alternatives);
                }
                near("quality", backend, first.iou().value(), output.iou().columns(1, 4));
                near("score", backend, first.objectScore().value(), output.objectScore());

                Points more = new Points(3, MORE_COORDINATES, new int[] {1, 0, 1, 0, 1, 1});
                int side = model.config().lowResMaskSize();
                Tensor previous = tape.allocate(3, 1, side * side);
                backend.copy(masks.token(2), previous.reshape(3, side * side));
                Prediction second = trainable.predict(tape, picture, more, Var.constant(previous));
                sparse = model.promptEncoder().points(ops, more.coordinates(), more.labels(), 3);
                Tensor dense = model.promptEncoder().mask(ops, previous.reshape(3, side, side, 1));
                output = decode(ops, model, features, sparse, dense);
                near(
                        "corrected",
                        backend,
                        second.masks().value().reshape(3, side * side),
                        output.masks().token(0));
                near(
                        "corrected quality",
                        backend,
                        second.iou().value(),
                        output.iou().columns(0, 1));
                near("corrected score", backend, second.objectScore().value(), output.objectScore());
            }
        }
    }

    private static MaskDecoder.Output decode(
            Ops ops, LoadedModel model, ImageFeatures features, Tensor sparse, Tensor dense) {
        return model.maskDecoder()
                .forward(
                        ops,
                        features.embedding(),
                        features.highRes0(),
                        features.highRes1(),
                        sparse,
                        dense,
                        model.promptEncoder().gridPositions());
    }

    private static Tensor rows(Var x, int from, int count) {
        return x.value().reshape(x.value().rows(), x.dim(-1)).slice(from, from + count);
    }

    private static void near(String what, Backend backend, Tensor actual, Tensor expected) {
        float[] ours = new float[Math.toIntExact(expected.shape().elements())];
        float[] theirs = new float[ours.length];
        backend.download(actual, ours, 0);
        backend.download(expected, theirs, 0);
        double error = 0;
        double norm = 0;
        for (int i = 0; i < ours.length; i++) {
            error += Math.pow((double) ours[i] - theirs[i], 2);
            norm += Math.pow(theirs[i], 2);
        }
        double relative = Math.sqrt(error / norm);
        assertTrue(relative < 1e-5, what + ": " + relative);
    }
}
