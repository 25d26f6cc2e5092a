package dev.sam2j.weights;

import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Shape;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** A checkpoint of Hugging Face transformers under the official names. */
final class HuggingFaceSource implements Checkpoints.Source {
    /** The model has 4; without a bound, a tensor of stride 0 could claim any number. */
    private static final int MAX_POINT_EMBEDDINGS = 64;

    private final CheckpointFile file;
    private final Map<String, Part> parts = new LinkedHashMap<>();

    /** A stored tensor, or one row of it if {@code row} is not negative. */
    private record Part(String stored, int row) {}

    HuggingFaceSource(CheckpointFile file) {
        this.file = file;
        for (String name : file.names()) {
            if (isStack(name)) {
                for (int row = 0; row < file.shape(name).dim(0); row++) {
                    put("sam_prompt_encoder.point_embeddings." + row + ".weight", new Part(name, row));
                }
            } else if (!isTiedCopy(name)) {
                put(HuggingFaceNames.official(name), new Part(name, -1));
            }
        }
    }

    private boolean isStack(String name) {
        return name.equals(HuggingFaceNames.POINT_EMBEDDINGS)
                && file.shape(name).rank() == 2
                && file.shape(name).dim(0) <= MAX_POINT_EMBEDDINGS;
    }

    private boolean isTiedCopy(String name) {
        return name.equals(HuggingFaceNames.TIED_POSITIONAL_EMBEDDING)
                && file.names().contains(HuggingFaceNames.POSITIONAL_EMBEDDING);
    }

    private void put(String name, Part part) {
        Part other = parts.put(name, part);
        if (other != null) {
            throw new CheckpointException(
                    file.path(), "both " + other.stored() + " and " + part.stored() + " stand for " + name);
        }
    }

    @Override
    public CheckpointFile file() {
        return file;
    }

    @Override
    public boolean isHuggingFace() {
        return true;
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
        float[] all = new float[Math.toIntExact(stored.elements())];
        file.read(part.stored(), all, 0);
        System.arraycopy(all, part.row() * stored.dim(1), destination, offset, stored.dim(1));
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
