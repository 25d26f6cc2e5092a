package dev.sam2j.predictors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.hiera.FeatureBuffer;
import dev.sam2j.hiera.ImageFeatures;
import dev.sam2j.hiera.LayerObserver;
import dev.sam2j.tensor.Backend;
import dev.sam2j.tensor.Ops;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.Workspace;
import dev.sam2j.tensor.cpu.CpuBackend;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The image encoder where the first stages are computed band by band. */
class BandsTest {
    private int norms;

    private Backend withCache(Backend cpu, long bytes) {
        return (Backend) Proxy.newProxyInstance(
                Backend.class.getClassLoader(), new Class<?>[] {Backend.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("cacheBytes")) {
                        return bytes;
                    }
                    norms += method.getName().equals("layerNorm") ? 1 : 0;
                    try {
                        return method.invoke(cpu, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private List<float[]> encode(long cacheBytes) {
        norms = 0;
        List<float[]> results = new ArrayList<>();
        try (Backend cpu = new CpuBackend(2);
                Sam2Model model = Sam2Model.builder()
                        .model("demo")
                        .backend(withCache(cpu, cacheBytes))
                        .build();
                FeatureBuffer buffer = new FeatureBuffer(model.backend(), model.config());
                Ops ops = new Ops(model.backend());
                Workspace.Frame frame = ops.frame()) {
            int size = model.config().imageSize();
            Random random = new Random(5);
            float[] picture = new float[size * size * 3];
            for (int i = 0; i < picture.length; i++) {
                picture[i] = (float) random.nextGaussian();
            }
            ImageFeatures features = buffer.features();
            model.imageEncoder().forward(ops, ops.tensor(picture, 1, size, size, 3), features, LayerObserver.NONE);
            for (Tensor tensor : List.of(features.embedding(), features.highRes0(), features.highRes1())) {
                results.add(ops.toHost(tensor));
            }
        }
        return results;
    }

    @ParameterizedTest
    @ValueSource(longs = {1 << 10, 1 << 18, 1 << 20})
    void giveTheSameFeatures(long cacheBytes) {
        List<float[]> expected = encode(0);
        int whole = norms;
        List<float[]> actual = encode(cacheBytes);
        assertTrue(norms > whole, "no bands with a cache of " + cacheBytes);
        for (int i = 0; i < expected.size(); i++) {
            float largest = 0;
            for (float value : expected.get(i)) {
                largest = Math.max(largest, Math.abs(value));
            }
            // products sum in another order where the rows at a tile's border differ
            assertArrayEquals(expected.get(i), actual.get(i), 1e-5f * largest);
        }
    }

    @Test
    void areNotMadeWhereEverythingFits() {
        encode(0);
        int whole = norms;
        encode(1L << 40);
        assertTrue(norms == whole, norms + " norms instead of " + whole);
    }
}
