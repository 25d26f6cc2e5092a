package dev.sam2j.weights;

import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Shape;
import java.util.Set;

/** A checkpoint that uses the official names. */
record PlainSource(CheckpointFile file) implements Checkpoints.Source {
    @Override
    public boolean isHuggingFace() {
        return false;
    }

    @Override
    public String description() {
        return file.description();
    }

    @Override
    public Set<String> names() {
        return file.names();
    }

    @Override
    public Shape shape(String name) {
        return file.shape(name);
    }

    @Override
    public DType dtype(String name) {
        return file.dtype(name);
    }

    @Override
    public void read(String name, float[] destination, int offset) {
        file.read(name, destination, offset);
    }

    @Override
    public void close() {
        file.close();
    }
}
