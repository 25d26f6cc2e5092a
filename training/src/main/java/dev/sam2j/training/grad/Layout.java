package dev.sam2j.training.grad;

import dev.sam2j.tensor.Shape;

/** How a parameter lies on the backend, compared with the checkpoint. */
public enum Layout {
    /** As stored. */
    VECTOR {
        @Override
        Shape shape(Shape stored) {
            return stored;
        }
    },
    /** A linear layer or a convolution: (out, in, k, k) becomes (out, k*k*in); k may be missing. */
    MATRIX {
        @Override
        Shape shape(Shape stored) {
            return Shape.of(stored.dim(0), Math.toIntExact(stored.elements() / stored.dim(0)));
        }

        @Override
        int index(int i, Shape stored) {
            int in = stored.dim(1);
            int taps = Math.toIntExact(stored.elements() / stored.dim(0)) / in;
            int row = i / (in * taps);
            int channel = i / taps % in;
            return (row * taps + i % taps) * in + channel;
        }
    },
    /** A transposed convolution: (in, out, 2, 2) becomes (2*2*out, in). */
    TRANSPOSED_CONVOLUTION {
        @Override
        Shape shape(Shape stored) {
            return Shape.of(4 * stored.dim(1), stored.dim(0));
        }

        @Override
        int index(int i, Shape stored) {
            int out = stored.dim(1);
            int channel = i / (4 * out);
            return (i % 4 * out + i / 4 % out) * stored.dim(0) + channel;
        }
    };

    /** Dimensions on the backend. */
    abstract Shape shape(Shape stored);

    /** Where element {@code i} of the checkpoint lies on the backend. */
    int index(int i, Shape stored) {
        return i;
    }

    float[] fromStored(float[] values, Shape stored) {
        float[] moved = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            moved[index(i, stored)] = values[i];
        }
        return moved;
    }

    float[] toStored(float[] values, Shape stored) {
        float[] moved = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            moved[i] = values[index(i, stored)];
        }
        return moved;
    }
}
