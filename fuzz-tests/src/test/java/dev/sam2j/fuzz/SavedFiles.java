package dev.sam2j.fuzz;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import dev.sam2j.predictors.ImageEmbedding;
import dev.sam2j.predictors.ImagePredictor;
import dev.sam2j.predictors.Prompt;
import dev.sam2j.predictors.Sam2Model;
import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.video.FrameSource;
import dev.sam2j.predictors.video.VideoSession;
import dev.sam2j.weights.file.CheckpointFile;
import dev.sam2j.weights.safetensors.Safetensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Consumer;

/** The demo model, and what it saves: safetensors files of which a test changes one value of the metadata. */
final class SavedFiles {
    static final int WIDTH = 32;
    static final int HEIGHT = 24;
    static final int FRAMES = 3;
    static final Sam2Model MODEL =
            Sam2Model.builder().model("demo").device("cpu").build();

    private final Map<String, String> metadata;
    private final String header;
    private final byte[] tensors;

    private SavedFiles(Consumer<Path> save) {
        try {
            Path path = Files.createTempFile("fuzz-", ".safetensors");
            save.accept(path);
            try (CheckpointFile file = Safetensors.open(path)) {
                metadata = file.metadata();
            }
            ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(path)).order(ByteOrder.LITTLE_ENDIAN);
            Files.delete(path);
            byte[] head = new byte[(int) bytes.getLong()];
            bytes.get(head);
            header = new String(head, StandardCharsets.UTF_8);
            tensors = new byte[bytes.remaining()];
            bytes.get(tensors);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** An embedding of a picture. */
    static SavedFiles embedding() {
        return new SavedFiles(path -> {
            try (ImagePredictor predictor = MODEL.imagePredictor();
                    ImageEmbedding embedding = predictor.encode(Frames.PICTURE)) {
                embedding.write(path);
            }
        });
    }

    /** A session about {@link Frames} in which one object was tracked. */
    static SavedFiles session() {
        return new SavedFiles(path -> {
            try (VideoSession session = MODEL.videoPredictor().open(new Frames())) {
                session.addPrompt(0, 1, Prompt.point(10, 10));
                session.propagate().forEachRemaining(result -> {});
                session.write(path);
            }
        });
    }

    /** A value of the metadata. */
    String get(String key) {
        return metadata.get(key);
    }

    /** The file with another value. */
    byte[] with(String key, String value) {
        return withHeader(header.replace(quoted(metadata.get(key)), quoted(value)));
    }

    /** The file with another header before its tensors. */
    byte[] withHeader(String changed) {
        byte[] head = changed.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(8 + head.length + tensors.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(head.length)
                .put(head)
                .put(tensors)
                .array();
    }

    String header() {
        return header;
    }

    private static String quoted(String text) {
        return '"' + new String(JsonStringEncoder.getInstance().quoteAsString(text)) + '"';
    }

    /** A video of equal pictures. */
    static final class Frames implements FrameSource {
        static final Picture PICTURE = Picture.of(new byte[3 * WIDTH * HEIGHT], WIDTH, HEIGHT);

        @Override
        public String description() {
            return "frames";
        }

        @Override
        public int frames() {
            return FRAMES;
        }

        @Override
        public int width() {
            return WIDTH;
        }

        @Override
        public int height() {
            return HEIGHT;
        }

        @Override
        public Picture read(int index) {
            return PICTURE;
        }

        @Override
        public void close() {}
    }
}
