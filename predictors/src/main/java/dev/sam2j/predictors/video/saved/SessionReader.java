package dev.sam2j.predictors.video.saved;

import dev.sam2j.common.io.PrintableText;
import dev.sam2j.configs.Sam2Config;
import dev.sam2j.heads.PromptEncoder;
import dev.sam2j.predictors.PromptException;
import dev.sam2j.predictors.model.LoadedModel;
import dev.sam2j.predictors.video.FrameSource;
import dev.sam2j.predictors.video.VideoException;
import dev.sam2j.predictors.video.VideoOptions;
import dev.sam2j.predictors.video.tracking.FrameArchive;
import dev.sam2j.predictors.video.tracking.FrameOutput;
import dev.sam2j.predictors.video.tracking.ObjectTrack;
import dev.sam2j.predictors.video.tracking.ObjectTracks;
import dev.sam2j.tensor.Backend;
import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Pending;
import dev.sam2j.tensor.Shape;
import dev.sam2j.weights.CheckpointException;
import dev.sam2j.weights.file.CheckpointFile;
import dev.sam2j.weights.safetensors.Safetensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads what {@link SessionWriter} wrote. Everything is checked before a session is made from it. */
public final class SessionReader implements AutoCloseable {
    private static final Set<String> VERSIONS = Set.of("1", SessionRecord.VERSION);

    private final Path path;
    private final CheckpointFile file;
    private final SessionRecord session;

    private SessionReader(Path path, CheckpointFile file) {
        this.path = path;
        this.file = file;
        Map<String, String> metadata = file.metadata();
        if (!SessionRecord.FORMAT.equals(metadata.get("format"))) {
            throw new VideoException(path + ": this is not a saved session");
        }
        if (!VERSIONS.contains(metadata.getOrDefault("version", ""))) {
            throw new VideoException(path + ": the session was saved in version "
                    + PrintableText.shortened(String.valueOf(metadata.get("version")))
                    + " of the format, only versions up to " + SessionRecord.VERSION + " can be read");
        }
        try {
            this.session = SessionJson.read(metadata.getOrDefault("session", ""));
        } catch (IOException | IllegalArgumentException | PromptException e) {
            throw new VideoException(path + ": the session file is damaged, its description cannot be read", e);
        }
    }

    /**
     * Opens a file.
     *
     * @throws VideoException if it is damaged or no session
     */
    public static SessionReader open(Path path) {
        CheckpointFile file;
        try {
            file = Safetensors.open(path);
        } catch (CheckpointException e) {
            throw new VideoException(e.getMessage(), e);
        }
        try {
            return new SessionReader(path, file);
        } catch (RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /** How the video was tracked. */
    public VideoOptions options() {
        return session.options();
    }

    /**
     * Checks that the session belongs to a model and a video and is whole.
     *
     * @throws VideoException if not
     */
    public void check(LoadedModel model, FrameSource source) {
        if (!model.fingerprint().equals(file.metadata().get("fingerprint"))) {
            throw new VideoException(path + ": the session was saved with another model or other settings of it ("
                    + PrintableText.shortened(session.model()) + "), not with this one (" + model.name() + ")");
        }
        if (session.frames() != source.frames()
                || session.width() != source.width()
                || session.height() != source.height()) {
            throw new VideoException(path + ": the session is about a video of " + session.frames() + " frames of "
                    + session.width() + "x" + session.height() + ", but " + source.description() + " has "
                    + source.frames() + " of " + source.width() + "x" + source.height());
        }
        Set<Long> ids = new HashSet<>();
        for (int i = 0; i < session.objects().size(); i++) {
            SessionRecord.SavedObject object = session.objects().get(i);
            require(ids.add(object.id()), "object " + object.id() + " appears twice");
            check(model.config(), object, i);
        }
    }

    private void check(Sam2Config config, SessionRecord.SavedObject object, int index) {
        checkFrames(object.masks(), object.trackedForward(), object.trackedBackward());
        checkFrames(object.prompted(), object.tracked(), object.pendingPrompted(), object.pendingTracked());
        int points = 0;
        checkFrames(
                object.clicks().stream().map(SessionRecord.SavedClicks::frame).toList());
        for (SessionRecord.SavedClicks clicks : object.clicks()) {
            require(!clicks.labels().isEmpty(), "clicks on frame " + clicks.frame() + " have no points");
            for (int label : clicks.labels()) {
                require(label >= PromptEncoder.BACKGROUND && label <= PromptEncoder.BOX_BOTTOM_RIGHT, "label " + label);
            }
            points += clicks.labels().size();
        }
        if (points > 0) {
            require(SessionRecord.clicks(index), Shape.of(points, 2), DType.F32);
        }
        object.chunks(index).forEach(chunk -> check(config, chunk));
    }

    private void check(Sam2Config config, SessionRecord.Chunk chunk) {
        String prefix = chunk.prefix();
        int count = chunk.frames().size();
        int grid = config.embeddingSize();
        int side = config.lowResMaskSize();
        require(prefix + "pointer", Shape.of(count, config.hiddenDim()), DType.F32);
        require(prefix + "score", Shape.of(count, 2), DType.F32);
        require(prefix + "mask", Shape.of(count, side, side), DType.F32);
        if (!chunk.pending()) {
            require(prefix + "memory", Shape.of(count, grid * grid, config.memoryDim()), DType.BF16);
        }
    }

    @SafeVarargs
    private void checkFrames(List<Integer>... lists) {
        for (List<Integer> frames : lists) {
            require(new HashSet<>(frames).size() == frames.size(), "a frame appears twice");
            for (int frame : frames) {
                require(frame >= 0 && frame < session.frames(), "frame " + frame);
            }
        }
    }

    private void require(String tensor, Shape shape, DType dtype) {
        boolean fits = file.names().contains(tensor) && file.shape(tensor).equals(shape) && file.dtype(tensor) == dtype;
        require(fits, "tensor " + tensor + " is missing or has another shape than " + dtype + shape);
    }

    private void require(boolean holds, String problem) {
        if (!holds) {
            throw new VideoException(path + ": the session file is damaged: " + problem);
        }
    }

    /** Fills a session, after {@link #check}. */
    public void restore(ObjectTracks tracks, FrameArchive archive, Backend backend) {
        try {
            for (int i = 0; i < session.objects().size(); i++) {
                ObjectTrack track = new ObjectTrack(session.objects().get(i).id());
                tracks.register(track);
                restore(track, session.objects().get(i), i, archive, backend);
            }
        } catch (CheckpointException e) {
            throw new VideoException(e.getMessage(), e);
        }
    }

    private void restore(
            ObjectTrack track, SessionRecord.SavedObject object, int index, FrameArchive archive, Backend backend) {
        track.masks().addAll(object.masks());
        object.trackedForward().forEach(frame -> track.trackedReverse().put(frame, false));
        object.trackedBackward().forEach(frame -> track.trackedReverse().put(frame, true));
        int at = 0;
        float[] coordinates = object.clicks().isEmpty() ? null : read(SessionRecord.clicks(index));
        for (SessionRecord.SavedClicks clicks : object.clicks()) {
            int end = at + 2 * clicks.labels().size();
            float[] own = Arrays.copyOfRange(coordinates, at, end);
            int[] labels = clicks.labels().stream().mapToInt(Integer::intValue).toArray();
            track.clicks().put(clicks.frame(), new ObjectTrack.Clicks(own, labels));
            at = end;
        }
        object.chunks(index).forEach(chunk -> restore(chunk, chunk.outputs(track), archive, backend));
    }

    private void restore(
            SessionRecord.Chunk chunk, Map<Integer, FrameOutput> outputs, FrameArchive archive, Backend backend) {
        float[] pointers = read(chunk.prefix() + "pointer");
        float[] scores = read(chunk.prefix() + "score");
        float[] masks = read(chunk.prefix() + "mask");
        float[] memories = chunk.pending() ? null : read(chunk.prefix() + "memory");
        int count = chunk.frames().size();
        for (int i = 0; i < count; i++) {
            FrameArchive.Entry entry = archive.add(Pending.of(row(masks, i, count)));
            FrameOutput output = new FrameOutput(entry, row(pointers, i, count), scores[2 * i], scores[2 * i + 1]);
            outputs.put(chunk.frames().get(i), output);
            if (!chunk.pending()) {
                backend.upload(memories, i * (memories.length / count), entry.newMemory());
            }
        }
    }

    private static float[] row(float[] values, int row, int rows) {
        int length = values.length / rows;
        return Arrays.copyOfRange(values, row * length, (row + 1) * length);
    }

    private float[] read(String tensor) {
        float[] values = new float[Math.toIntExact(file.shape(tensor).elements())];
        file.read(tensor, values, 0);
        for (float value : values) {
            require(Float.isFinite(value), "tensor " + tensor + " holds " + value);
        }
        return values;
    }

    @Override
    public void close() {
        file.close();
    }
}
