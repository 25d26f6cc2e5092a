package dev.sam2j.tensor;

import dev.sam2j.tensor.host.HoleFilling;

/** The steps that the fused operations of {@link Backend} stand for, and choices made on the host. */
final class Unfused {
    private Unfused() {}

    /** See {@link Backend#attendMaps}. */
    static void attendMaps(
            Backend backend,
            Tensor q,
            Tensor memories,
            Tensor positions,
            int placeless,
            Projection key,
            Tensor rotary,
            Tensor destination,
            Workspace workspace) {
        try (Workspace.Frame frame = workspace.frame()) {
            Tensor keys = workspace.allocate(memories.shape().withCols(key.out()));
            backend.gemm(at(backend, memories, positions, workspace), key.matrix(), Epilogue.bias(key.bias()), keys);
            int placed = keys.dim(1) - placeless;
            if (placed > 0) {
                Tensor maps = keys.reshape(keys.dim(1), keys.cols()).slice(0, placed);
                maps = maps.reshape(1, placed, keys.cols());
                backend.rotary(maps, rotary, maps);
            }
            backend.attention(q, keys, memories, AttentionSpec.global(1, q.cols()), destination);
        }
    }

    /** See {@link Backend#attendImage}. */
    static void attendImage(
            Backend backend,
            Tensor q,
            Tensor x,
            Tensor positions,
            Projection key,
            Projection value,
            int heads,
            Tensor destination,
            Workspace workspace) {
        try (Workspace.Frame frame = workspace.frame()) {
            Tensor k = workspace.allocate(x.shape().withCols(key.out()));
            backend.gemm(at(backend, x, positions, workspace), key.matrix(), Epilogue.bias(key.bias()), k);
            Tensor v = workspace.allocate(x.shape().withCols(value.out()));
            backend.gemm(x, value.matrix(), Epilogue.bias(value.bias()), v);
            backend.attention(q, k, v, AttentionSpec.global(heads, q.cols()), destination);
        }
    }

    /** See {@link Backend#attendTokens}. */
    static void attendTokens(
            Backend backend,
            Tensor x,
            Tensor positions,
            Tensor k,
            Tensor v,
            Projection query,
            Projection output,
            int heads,
            Norm norm,
            Tensor destination,
            Workspace workspace) {
        try (Workspace.Frame frame = workspace.frame()) {
            Tensor q = workspace.allocate(x.shape().withCols(query.out()));
            backend.gemm(at(backend, x, positions, workspace), query.matrix(), Epilogue.bias(query.bias()), q);
            attendTokens(backend, x, q, k, v, output, heads, norm, destination, workspace);
        }
    }

    /** See {@link Backend#attendTokens}; q has 1 or as many entries as k. */
    static void attendTokens(
            Backend backend,
            Tensor x,
            Tensor q,
            Tensor k,
            Tensor v,
            Projection output,
            int heads,
            Norm norm,
            Tensor destination,
            Workspace workspace) {
        try (Workspace.Frame frame = workspace.frame()) {
            Shape attended = Shape.of(k.dim(0), x.dim(1), v.cols());
            Tensor queries = q;
            if (q.dim(0) < k.dim(0)) {
                queries = workspace.allocate(attended.withCols(q.cols()));
                backend.copy(q, queries);
            }
            Tensor a = workspace.allocate(attended);
            backend.attention(queries, k, v, AttentionSpec.global(heads, q.cols()), a);
            backend.gemm(a, output.matrix(), Epilogue.bias(output.bias()).plus(x), destination);
            backend.layerNorm(destination, norm.gamma(), norm.beta(), norm.eps(), Activation.NONE, destination);
        }
    }

    /** See {@link Backend#pick}. */
    static void pick(Backend backend, Tensor x, Tensor scores, int first, int offset, Tensor destination) {
        int count = scores.cols();
        float[] values = host(backend, scores);
        for (int entry = 0; entry < destination.rows(); entry++) {
            int best = first;
            for (int m = first + 1; m < count; m++) {
                if (values[entry * count + m] > values[entry * count + best]) {
                    best = m;
                }
            }
            Tensor rows = x.slice(entry, entry + 1).reshape(x.dim(1), x.cols());
            Tensor row = rows.slice(offset + best, offset + best + 1);
            backend.copy(row, destination.slice(entry, entry + 1));
        }
    }

    /** See {@link Backend#where}. */
    static void where(Backend backend, Tensor scores, Tensor a, Tensor b, Tensor destination) {
        float[] values = host(backend, scores);
        int perEntry = a.rows() / values.length;
        Tensor rows = a.reshape(a.rows(), a.cols());
        Tensor others = b.reshape(b.rows(), b.cols());
        Tensor targets = destination.reshape(a.rows(), a.cols());
        for (int entry = 0; entry < values.length; entry++) {
            int from = entry * perEntry;
            int to = from + perEntry;
            if (values[entry] <= 0) {
                boolean repeats = b.rows() < a.rows();
                backend.copy(repeats ? others : others.slice(from, to), targets.slice(from, to));
            } else if (a != destination) {
                backend.copy(rows.slice(from, to), targets.slice(from, to));
            }
        }
    }

    private static float[] host(Backend backend, Tensor tensor) {
        float[] values = new float[Math.toIntExact(tensor.shape().elements())];
        backend.download(tensor, values, 0);
        return values;
    }

    private static Tensor at(Backend backend, Tensor x, Tensor positions, Workspace workspace) {
        Tensor sum = workspace.allocate(x.shape());
        backend.add(x, 1, positions, 1, sum);
        return sum;
    }

    /** See {@link Backend#drawMasks}. */
    static void drawMasks(
            Backend backend,
            Tensor image,
            MaskUpscaling layers,
            Tensor highRes0,
            Tensor highRes1,
            Tensor filters,
            Tensor destination,
            Workspace workspace) {
        int batch = image.dim(0);
        int height = image.dim(1);
        int width = image.dim(2);
        try (Workspace.Frame frame = workspace.frame()) {
            Tensor half = workspace.allocate(Shape.of(batch, 2 * height, 2 * width, layers.channels1()));
            Epilogue epilogue1 = Epilogue.bias(layers.up1().bias()).plus(highRes1);
            backend.convTranspose2d(image, layers.up1().matrix(), epilogue1, half);
            Norm norm = layers.norm();
            backend.layerNorm(half, norm.gamma(), norm.beta(), norm.eps(), Activation.GELU, half);
            Tensor full = workspace.allocate(Shape.of(batch, 4 * height, 4 * width, layers.channels2()));
            Epilogue epilogue2 = Epilogue.bias(layers.up2().bias()).plus(highRes0);
            backend.convTranspose2d(half, layers.up2().matrix(), epilogue2, full);
            backend.unary(full, 1, 0, Activation.GELU, full);
            backend.matmul(filters, full.reshape(batch, 16 * height * width, layers.channels2()), destination);
        }
    }

    /** See {@link Backend#fillHoles}. */
    static void fillHoles(Backend backend, Tensor logits, int maxArea, float value) {
        if (maxArea == 0) {
            return;
        }
        int height = logits.dim(1);
        int width = logits.dim(2);
        float[] maps = new float[Math.toIntExact(logits.shape().elements())];
        backend.download(logits, maps, 0);
        for (int entry = 0; entry < logits.dim(0); entry++) {
            HoleFilling.run(maps, entry * height * width, height, width, maxArea, value);
        }
        backend.upload(maps, 0, logits);
    }
}
