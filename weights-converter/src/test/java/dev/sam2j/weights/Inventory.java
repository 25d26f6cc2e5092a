package dev.sam2j.weights;

import dev.sam2j.tensor.Shape;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.GZIPInputStream;

/**
 * Names and shapes of all tensors of a model, as {@code inventory_*.txt.gz}: a line per tensor, its name and its
 * dimensions.
 */
public final class Inventory {
    private Inventory() {}

    public static Map<String, Shape> read(String model) throws IOException {
        Map<String, Shape> tensors = new LinkedHashMap<>();
        try (var in = Inventory.class.getResourceAsStream("inventory_" + model + ".txt.gz");
                var reader =
                        new BufferedReader(new InputStreamReader(new GZIPInputStream(in), StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                String[] words = line.split(" ");
                int[] dims =
                        Arrays.stream(words).skip(1).mapToInt(Integer::parseInt).toArray();
                tensors.put(words[0], Shape.of(dims));
            }
        }
        return tensors;
    }
}
