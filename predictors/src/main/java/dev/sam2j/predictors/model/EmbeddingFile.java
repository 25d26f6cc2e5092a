package dev.sam2j.predictors.model;

import dev.sam2j.common.io.PrintableText;
import dev.sam2j.hiera.FeatureBuffer;
import dev.sam2j.hiera.ImageFeatures;
import dev.sam2j.predictors.image.Picture;
import dev.sam2j.tensor.Backend;
import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.weights.CheckpointException;
import dev.sam2j.weights.file.CheckpointFile;
import dev.sam2j.weights.safetensors.Safetensors;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Image embeddings in safetensors files: three float32 tensors, and what they belong to in the metadata. */
public final class EmbeddingFile {
    private static final String FORMAT = "sam2j.embedding";
    private static final String VERSION = "1";

    private EmbeddingFile() {}

    /** Writes the features of a picture. */
    public static void write(Path file, EncodedPicture encoded) {
        LoadedModel model = encoded.model();
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put("format", FORMAT);
        metadata.put("version", VERSION);
        metadata.put("fingerprint", model.fingerprint());
        metadata.put("model", model.name());
        metadata.put("width", Integer.toString(encoded.width()));
        metadata.put("height", Integer.toString(encoded.height()));
        Map<String, Safetensors.Entry> tensors = new LinkedHashMap<>();
        tensors(encoded.features()).forEach((name, tensor) -> {
            float[] values = new float[Math.toIntExact(tensor.shape().elements())];
            model.backend().download(tensor, values, 0);
            tensors.put(name, new Safetensors.Entry(tensor.shape(), DType.F32, values));
        });
        Safetensors.write(file, tensors, metadata);
    }

    /**
     * Reads the features of a picture; the caller closes them.
     *
     * @throws CheckpointException if the file is damaged, no embedding, or one of another model
     */
    public static EncodedPicture read(Path file, LoadedModel model) {
        try (CheckpointFile open = Safetensors.open(file)) {
            Map<String, String> metadata = open.metadata();
            if (!FORMAT.equals(metadata.get("format")) || !VERSION.equals(metadata.get("version"))) {
                throw new CheckpointException(file, "this is not a saved embedding of version " + VERSION);
            }
            if (!model.fingerprint().equals(metadata.get("fingerprint"))) {
                throw new CheckpointException(
                        file,
                        "the embedding was made by another model or other settings of it ("
                                + PrintableText.shortened(String.valueOf(metadata.get("model")))
                                + "), not by this one (" + model.name() + ")");
            }
            int width = size(file, metadata.get("width"));
            int height = size(file, metadata.get("height"));
            if ((long) width * height > Picture.MAX_PIXELS) {
                throw new CheckpointException(
                        file, "the embedding is damaged: no picture has " + width + "x" + height + " pixels");
            }
            FeatureBuffer buffer = new FeatureBuffer(model.backend(), model.config());
            EncodedPicture encoded = new EncodedPicture(model, buffer, FeatureBuffer::close, width, height);
            try {
                fill(file, open, encoded.features(), model.backend());
                return encoded;
            } catch (RuntimeException | Error e) {
                encoded.close();
                throw e;
            }
        }
    }

    private static void fill(Path file, CheckpointFile open, ImageFeatures features, Backend backend) {
        tensors(features).forEach((name, tensor) -> {
            if (!open.names().contains(name) || !open.shape(name).equals(tensor.shape())) {
                throw new CheckpointException(
                        file, "the embedding is damaged: " + name + " is missing or not " + tensor.shape());
            }
            float[] values = new float[Math.toIntExact(tensor.shape().elements())];
            open.read(name, values, 0);
            for (float value : values) {
                if (!Float.isFinite(value)) {
                    throw new CheckpointException(file, "the embedding is damaged: " + name + " holds " + value);
                }
            }
            backend.upload(values, 0, tensor);
        });
    }

    private static int size(Path file, String text) {
        try {
            int size = Integer.parseInt(text);
            if (size > 0) {
                return size;
            }
        } catch (NumberFormatException e) {
            // reported below like any other wrong value
        }
        throw new CheckpointException(file, "the embedding is damaged: its picture has no size");
    }

    private static Map<String, Tensor> tensors(ImageFeatures features) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("image_embed", features.embedding());
        tensors.put("high_res_feats.0", features.highRes0());
        tensors.put("high_res_feats.1", features.highRes1());
        return tensors;
    }
}
