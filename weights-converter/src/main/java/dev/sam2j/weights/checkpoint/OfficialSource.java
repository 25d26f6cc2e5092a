package dev.sam2j.weights.checkpoint;

import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Shape;
import dev.sam2j.weights.CheckpointException;
import dev.sam2j.weights.file.CheckpointFile;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** A checkpoint under the official names, whatever names and prefixes are written in it. */
final class OfficialSource implements Checkpoints.Source {
    /** The model has 4; without a bound, a tensor of stride 0 could claim any number. */
    private static final int MAX_POINT_EMBEDDINGS = 64;

    private final CheckpointFile file;
    private final boolean huggingFace;
    private final Map<String, Part> parts = new LinkedHashMap<>();
    private final Map<String, String> skipped;

    /** A stored tensor, or one row of it if {@code row} is not negative. */
    private record Part(String stored, int row) {}

    /**
     * Takes ownership of the file on success.
     *
     * @throws CheckpointException if two tensors stand for one, or there are several models
     */
    OfficialSource(CheckpointFile file) {
        this.file = file;
        this.skipped = new LinkedHashMap<>(file.skipped());
        Wrappers wrappers = Wrappers.of(file.path(), file.names());
        Map<String, String> inner = new LinkedHashMap<>();
        for (String stored : file.names()) {
            String name = wrappers.inner(stored);
            if (name == null) {
                skipped.put(stored, "not under " + wrappers.prefix() + " like the model");
            } else {
                putOnce(inner, name, stored, stored);
            }
        }
        this.huggingFace = HuggingFaceNames.present(inner.keySet());
        inner.forEach((name, stored) -> {
            if (huggingFace) {
                addTranslated(name, stored, inner.keySet());
            } else {
                put(name, new Part(stored, -1));
            }
        });
    }

    private void addTranslated(String name, String stored, Set<String> names) {
        if (name.equals(HuggingFaceNames.POINT_EMBEDDINGS) && isStack(stored)) {
            for (int row = 0; row < file.shape(stored).dim(0); row++) {
                put("sam_prompt_encoder.point_embeddings." + row + ".weight", new Part(stored, row));
            }
        } else if (!name.equals(HuggingFaceNames.TIED_POSITIONAL_EMBEDDING)
                || !names.contains(HuggingFaceNames.POSITIONAL_EMBEDDING)) {
            put(HuggingFaceNames.official(name), new Part(stored, -1));
        }
    }

    private boolean isStack(String stored) {
        Shape shape = file.shape(stored);
        return shape.rank() == 2 && shape.dim(0) <= MAX_POINT_EMBEDDINGS;
    }

    private void put(String name, Part part) {
        putOnce(parts, name, part, part.stored());
    }

    private <T> void putOnce(Map<String, T> map, String name, T value, String stored) {
        T other = map.put(name, value);
        if (other != null) {
            String first = other instanceof Part part ? part.stored() : other.toString();
            throw new CheckpointException(file.path(), "both " + first + " and " + stored + " stand for " + name);
        }
    }

    @Override
    public CheckpointFile file() {
        return file;
    }

    @Override
    public boolean isHuggingFace() {
        return huggingFace;
    }

    @Override
    public Map<String, String> skipped() {
        return Collections.unmodifiableMap(skipped);
    }

    @Override
    public String storedType(String name) {
        return file.storedType(part(name).stored());
    }

    @Override
    public String description() {
        return file.description();
    }

    @Override
    public Set<String> names() {
        return Collections.unmodifiableSet(parts.keySet());
    }

    @Override
    public Shape shape(String name) {
        Part part = part(name);
        Shape stored = file.shape(part.stored());
        return part.row() < 0 ? stored : Shape.of(1, stored.dim(1));
    }

    @Override
    public DType dtype(String name) {
        return file.dtype(part(name).stored());
    }

    @Override
    public void read(String name, float[] destination, int offset) {
        Part part = part(name);
        if (part.row() < 0) {
            file.read(part.stored(), destination, offset);
            return;
        }
        Shape stored = file.shape(part.stored());
        System.arraycopy(file.read(part.stored()), part.row() * stored.dim(1), destination, offset, stored.dim(1));
    }

    private Part part(String name) {
        Part part = parts.get(name);
        if (part == null) {
            throw new CheckpointException(file.path(), "there is no tensor " + name);
        }
        return part;
    }

    @Override
    public void close() {
        file.close();
    }
}
