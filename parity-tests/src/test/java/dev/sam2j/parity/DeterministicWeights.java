package dev.sam2j.parity;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Shape;
import dev.sam2j.tensor.weights.WeightSource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Weights that need no download: element i of a tensor is {@code mean + amplitude * (2u - 1)} in float32 with
 * {@code u = (mix(fnv1a64(name) + (i + 1) * 0x9E3779B97F4A7C15) >>> 40) / 2^24}. Names, shapes, means and amplitudes
 * come from a list.
 */
final class DeterministicWeights implements WeightSource {
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;
    private static final String OBJECT_SCORE_BIAS = "sam_mask_decoder.pred_obj_score_head.layers.2.bias";

    private final String description;
    private final Map<String, Rule> rules = new LinkedHashMap<>();

    private record Rule(String seed, Shape shape, float mean, float amplitude) {}

    private DeterministicWeights(String description) {
        this.description = description;
    }

    /**
     * Weights of a list.
     *
     * @param objectScoreBias mean of the bias that decides whether an object is present, or null to keep the list's
     */
    static DeterministicWeights of(Path list, Float objectScoreBias) throws IOException {
        DeterministicWeights weights =
                new DeterministicWeights(list.getFileName().toString());
        for (JsonNode entry : new ObjectMapper().readTree(list.toFile())) {
            String name = entry.get("name").asText();
            boolean replaced = name.equals(OBJECT_SCORE_BIAS) && objectScoreBias != null;
            float mean = replaced ? objectScoreBias : (float) entry.get("mean").asDouble();
            int[] dims = new int[entry.get("shape").size()];
            for (int i = 0; i < dims.length; i++) {
                dims[i] = entry.get("shape").get(i).asInt();
            }
            String seed = entry.has("sameAs") ? entry.get("sameAs").asText() : name;
            float amplitude = (float) entry.get("amplitude").asDouble();
            weights.rules.put(name, new Rule(seed, Shape.of(dims), mean, amplitude));
        }
        return weights;
    }

    /** Name to shape of every tensor. */
    Map<String, Shape> inventory() {
        Map<String, Shape> inventory = new LinkedHashMap<>();
        rules.forEach((name, rule) -> inventory.put(name, rule.shape()));
        return inventory;
    }

    @Override
    public String description() {
        return description;
    }

    @Override
    public Set<String> names() {
        return rules.keySet();
    }

    @Override
    public Shape shape(String name) {
        return rules.get(name).shape();
    }

    @Override
    public DType dtype(String name) {
        return DType.F32;
    }

    @Override
    public void read(String name, float[] destination, int offset) {
        Rule rule = rules.get(name);
        int count = Math.toIntExact(rule.shape().elements());
        float[] uniform = uniform(rule.seed(), count);
        for (int i = 0; i < count; i++) {
            destination[offset + i] = rule.mean() + rule.amplitude() * uniform[i];
        }
    }

    /** Numbers between -1 and 1, {@code 2u - 1}, that follow from a text. */
    static float[] uniform(String seed, int count) {
        float[] values = new float[count];
        long state = fnv1a64(seed);
        for (int i = 0; i < count; i++) {
            state += GOLDEN;
            float u = (mix(state) >>> 40) / 16777216f;
            values[i] = 2 * u - 1;
        }
        return values;
    }

    private static long fnv1a64(String text) {
        long hash = 0xcbf29ce484222325L;
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
        }
        return hash;
    }

    private static long mix(long z) {
        z ^= z >>> 30;
        z *= 0xBF58476D1CE4E5B9L;
        z ^= z >>> 27;
        z *= 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
