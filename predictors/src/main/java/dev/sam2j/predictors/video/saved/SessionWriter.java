package dev.sam2j.predictors.video.saved;

import dev.sam2j.predictors.model.LoadedModel;
import dev.sam2j.predictors.video.FrameSource;
import dev.sam2j.predictors.video.VideoException;
import dev.sam2j.predictors.video.VideoOptions;
import dev.sam2j.predictors.video.tracking.FrameOutput;
import dev.sam2j.predictors.video.tracking.ObjectTrack;
import dev.sam2j.predictors.video.tracking.ObjectTracks;
import dev.sam2j.tensor.Backend;
import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Shape;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.weights.WeightSource;
import dev.sam2j.weights.CheckpointException;
import dev.sam2j.weights.safetensors.Safetensors;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Writes a session as safetensors: outputs of each object in chunks of a few frames, memories in bfloat16, everything
 * else in float32; the structure as JSON in the file's metadata.
 */
public final class SessionWriter {
    private final LoadedModel model;
    private final SessionRecord session;
    private final Map<String, Content> tensors = new LinkedHashMap<>();

    /** Notes what a session knows; the values are read when they are written. */
    public SessionWriter(LoadedModel model, VideoOptions options, FrameSource source, ObjectTracks tracks) {
        this.model = model;
        List<SessionRecord.SavedObject> objects = new ArrayList<>();
        for (ObjectTrack track : tracks.all()) {
            objects.add(object(track, objects.size()));
        }
        this.session =
                new SessionRecord(model.name(), source.frames(), source.width(), source.height(), options, objects);
    }

    /** Writes values into an array from an offset on. */
    private interface Values {
        void copyTo(float[] destination, int offset);
    }

    /** A tensor that is read when it is written. */
    private record Content(Shape shape, DType dtype, Values values) {}

    /** The tensors as the writer of the format takes them. */
    private record Contents(String description, Map<String, Content> tensors) implements WeightSource {
        @Override
        public Set<String> names() {
            return tensors.keySet();
        }

        @Override
        public Shape shape(String name) {
            return tensors.get(name).shape();
        }

        @Override
        public DType dtype(String name) {
            return tensors.get(name).dtype();
        }

        @Override
        public void read(String name, float[] destination, int offset) {
            tensors.get(name).values().copyTo(destination, offset);
        }
    }

    /** Writes the file, completely or not at all. */
    public void write(Path file) {
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put("format", SessionRecord.FORMAT);
        metadata.put("version", SessionRecord.VERSION);
        metadata.put("fingerprint", model.fingerprint());
        try {
            metadata.put("session", SessionJson.write(session));
            Safetensors.write(file, new Contents(file.toString(), tensors), metadata);
        } catch (CheckpointException e) {
            throw new VideoException(e.getMessage(), e);
        }
    }

    private SessionRecord.SavedObject object(ObjectTrack track, int index) {
        List<SessionRecord.SavedClicks> clicks = new ArrayList<>();
        List<float[]> coordinates = new ArrayList<>();
        track.clicks().forEach((frame, all) -> {
            clicks.add(new SessionRecord.SavedClicks(
                    frame, Arrays.stream(all.labels()).boxed().toList()));
            coordinates.add(all.coordinates());
        });
        SessionRecord.SavedObject object = new SessionRecord.SavedObject(
                track.id(),
                clicks,
                List.copyOf(track.masks()),
                passed(track, false),
                passed(track, true),
                List.copyOf(track.committed().of(true).keySet()),
                List.copyOf(track.committed().of(false).keySet()),
                List.copyOf(track.pending().of(true).keySet()),
                List.copyOf(track.pending().of(false).keySet()));
        object.chunks(index).forEach(chunk -> addOutputs(track, chunk));
        if (!clicks.isEmpty()) {
            addRows(SessionRecord.clicks(index), coordinates, 2);
        }
        return object;
    }

    private static List<Integer> passed(ObjectTrack track, boolean reverse) {
        return track.trackedReverse().entrySet().stream()
                .filter(entry -> entry.getValue() == reverse)
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
    }

    private void addOutputs(ObjectTrack track, SessionRecord.Chunk chunk) {
        List<FrameOutput> outputs =
                chunk.frames().stream().map(chunk.outputs(track)::get).toList();
        List<float[]> pointers = outputs.stream().map(FrameOutput::pointer).toList();
        addRows(chunk.prefix() + "pointer", pointers, model.config().hiddenDim());
        List<float[]> scores = outputs.stream()
                .map(output -> new float[] {output.objectScore(), output.iou()})
                .toList();
        addRows(chunk.prefix() + "score", scores, 2);
        addMasks(chunk.prefix(), outputs);
        if (!chunk.pending()) {
            addMemories(chunk.prefix(), outputs);
        }
    }

    private void addMasks(String prefix, List<FrameOutput> chunk) {
        int side = model.config().lowResMaskSize();
        Shape shape = Shape.of(chunk.size(), side, side);
        tensors.put(prefix + "mask", new Content(shape, DType.F32, (destination, offset) -> {
            for (int i = 0; i < chunk.size(); i++) {
                float[] mask = chunk.get(i).entry().mask();
                System.arraycopy(mask, 0, destination, offset + i * mask.length, mask.length);
            }
        }));
    }

    private void addMemories(String prefix, List<FrameOutput> chunk) {
        Backend backend = model.backend();
        int grid = model.config().embeddingSize();
        int channels = model.config().memoryDim();
        Shape shape = Shape.of(chunk.size(), grid * grid, channels);
        tensors.put(prefix + "memory", new Content(shape, DType.BF16, (destination, offset) -> {
            for (int i = 0; i < chunk.size(); i++) {
                Tensor memory = chunk.get(i).entry().memory();
                backend.download(memory, destination, offset + i * grid * grid * channels);
            }
        }));
    }

    private void addRows(String name, List<float[]> parts, int columns) {
        int elements = parts.stream().mapToInt(part -> part.length).sum();
        tensors.put(name, new Content(Shape.of(elements / columns, columns), DType.F32, (destination, offset) -> {
            int at = offset;
            for (float[] part : parts) {
                System.arraycopy(part, 0, destination, at, part.length);
                at += part.length;
            }
        }));
    }
}
