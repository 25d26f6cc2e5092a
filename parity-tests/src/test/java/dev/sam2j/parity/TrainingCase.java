package dev.sam2j.parity;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sam2j.configs.Configs;
import dev.sam2j.configs.Sam2Config;
import dev.sam2j.hiera.StageFeatures;
import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.mask.Mask;
import dev.sam2j.predictors.model.DemoCheckpoint;
import dev.sam2j.predictors.model.LoadedModel;
import dev.sam2j.predictors.model.PictureEncoder;
import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Shape;
import dev.sam2j.tensor.Storage;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.training.MaskTruth;
import dev.sam2j.tensor.training.TrainingBackend;
import dev.sam2j.tensor.weights.WeightSource;
import dev.sam2j.training.objective.Batch;
import dev.sam2j.training.objective.Click;
import dev.sam2j.training.objective.ObjectiveOptions;
import dev.sam2j.training.objective.PromptPlan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** A recorded training case of pictures: see {@code fixtures/TRAINING-CASES.md} for the format. */
final class TrainingCase implements AutoCloseable {
    private static final String SCORE_BIAS = "sam_mask_decoder.pred_obj_score_head.layers.2.bias";

    private final Fixture fixture;
    private final JsonNode description;
    private final TrainingBackend backend;
    private final Sam2Config config;
    private final WeightSource weights;
    private final List<AutoCloseable> owned = new ArrayList<>();
    private final List<StageFeatures> pictures = new ArrayList<>();

    /** Opens a case and encodes its pictures. */
    TrainingCase(Path folder, TrainingBackend backend) throws IOException {
        this.fixture = Fixture.open(folder);
        this.description = fixture.description();
        this.backend = backend;
        owned.add(fixture);
        this.config = Configs.named(description.get("model").asText());
        var checkpoint = DemoCheckpoint.open();
        owned.add(checkpoint);
        this.weights = shifted(
                checkpoint, (float) description.get("objectScoreBiasShift").asDouble());
        encode();
    }

    private void encode() {
        try (LoadedModel model = LoadedModel.of(fixture.model(), config, weights, backend);
                Ops ops = new Ops(backend);
                PictureEncoder encoder = new PictureEncoder(model, ops)) {
            for (JsonNode picture : description.get("pictures")) {
                Path file = fixture.folder().resolve(picture.get("file").asText());
                encoder.encodeStages(
                        Picture.read(file),
                        stages -> pictures.add(new StageFeatures(
                                kept(stages.embedding()), kept(stages.stage0()), kept(stages.stage1()))));
            }
        }
    }

    private Tensor kept(Tensor tensor) {
        Storage storage = backend.allocate(DType.F32, tensor.shape().elements());
        owned.add(storage);
        Tensor copy = Tensor.of(storage, 0, tensor.shape());
        backend.copy(tensor, copy);
        return copy;
    }

    Fixture fixture() {
        return fixture;
    }

    Sam2Config config() {
        return config;
    }

    /** The initial weights. */
    WeightSource weights() {
        return weights;
    }

    /** The loss of the case. */
    ObjectiveOptions objective() {
        JsonNode loss = description.get("hyperParameters").get("loss");
        if (loss.get("objectFocalAlpha").asDouble() >= 0
                || loss.get("objectFocalGamma").asDouble() != 0) {
            throw new IllegalArgumentException("a focal loss of the object's presence is not built");
        }
        return new ObjectiveOptions(
                loss.get("maskWeight").asDouble(),
                loss.get("diceWeight").asDouble(),
                loss.get("iouWeight").asDouble(),
                loss.get("objectWeight").asDouble(),
                (float) loss.get("focalAlpha").asDouble(),
                (float) loss.get("focalGamma").asDouble(),
                loss.get("superviseAllIou").asBoolean(),
                !loss.get("iouLoss").asText().equals("l1"),
                false);
    }

    /** Names of the passes whose gradients are recorded. */
    List<String> recordedPasses() {
        List<String> names = new ArrayList<>();
        description.get("gradients").fieldNames().forEachRemaining(names::add);
        return names;
    }

    /** The batch of a pass. */
    Batch batch(String pass) {
        JsonNode found = null;
        for (JsonNode candidate : description.get("passes")) {
            if (candidate.get("name").asText().equals(pass)) {
                found = candidate;
            }
        }
        JsonNode prompt = found.get("prompts").get(0);
        List<List<Click>> first = new ArrayList<>();
        for (int object = 0; object < prompt.get("points").size(); object++) {
            first.add(clicks(
                    prompt.get("points").get(object), prompt.get("labels").get(object)));
        }
        JsonNode corrections = found.path("corrections");
        PromptPlan plan = new PromptPlan(
                first,
                corrections.size(),
                (object, correction, predicted) -> click(
                        corrections.get(correction).get("points").get(object),
                        corrections.get(correction).get("labels").get(object)));
        return new Batch(pictures, objectPicture(), truth(), plan);
    }

    private static List<Click> clicks(JsonNode points, JsonNode labels) {
        List<Click> clicks = new ArrayList<>();
        for (int i = 0; i < points.size(); i++) {
            clicks.add(click(points.get(i), labels.get(i)));
        }
        return clicks;
    }

    private static Click click(JsonNode point, JsonNode label) {
        return new Click((float) point.get(0).asDouble(), (float) point.get(1).asDouble(), label.asInt());
    }

    private int[] objectPicture() {
        int[] numbers = new int[description.get("objectPicture").size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = description.get("objectPicture").get(i).asInt();
        }
        return numbers;
    }

    private MaskTruth truth() {
        List<long[]> bits = new ArrayList<>();
        for (JsonNode picture : description.get("pictures")) {
            for (JsonNode object : picture.get("objects")) {
                bits.add(bits(fixture.mask(object.asText())));
            }
        }
        return MaskTruth.of(config.imageSize(), bits.toArray(long[][]::new));
    }

    private static long[] bits(Mask mask) {
        long[] bits = new long[(mask.width() * mask.height() + 63) / 64];
        for (int y = 0; y < mask.height(); y++) {
            for (int x = 0; x < mask.width(); x++) {
                if (mask.get(x, y)) {
                    int i = y * mask.width() + x;
                    bits[i >> 6] |= 1L << i;
                }
            }
        }
        return bits;
    }

    /** The weights with something added to the bias that decides whether an object is present. */
    private static WeightSource shifted(WeightSource source, float shift) {
        return new WeightSource() {
            @Override
            public String description() {
                return source.description();
            }

            @Override
            public Set<String> names() {
                return source.names();
            }

            @Override
            public Shape shape(String name) {
                return source.shape(name);
            }

            @Override
            public DType dtype(String name) {
                return source.dtype(name);
            }

            @Override
            public void read(String name, float[] destination, int offset) {
                source.read(name, destination, offset);
                if (name.equals(SCORE_BIAS)) {
                    destination[offset] += shift;
                }
            }
        };
    }

    @Override
    public void close() throws IOException {
        for (AutoCloseable resource : owned) {
            try {
                resource.close();
            } catch (Exception e) {
                throw new IOException(e);
            }
        }
    }
}
