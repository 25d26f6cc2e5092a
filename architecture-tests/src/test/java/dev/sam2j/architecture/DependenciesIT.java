package dev.sam2j.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What a program with sam2j-predictors and sam2j-cpu brings: no CUDA, no FFmpeg, no natives, no tools of tests. */
class DependenciesIT {
    private static final List<String> EXPECTED = List.of(
            "common-image",
            "common-io",
            "common-lang",
            "imageio-core",
            "imageio-jpeg",
            "imageio-metadata",
            "imageio-webp",
            "jackson-core",
            "sam2j-common",
            "sam2j-configs",
            "sam2j-cpu",
            "sam2j-hiera",
            "sam2j-memory",
            "sam2j-predictors",
            "sam2j-sam-heads",
            "sam2j-tensor",
            "sam2j-weights-converter",
            "snakeyaml");

    @Test
    void anApplicationBringsTheseJarsAndNoOthers() {
        List<String> names = Jars.ofApplication().stream()
                .map(jar -> jar.getFileName().toString().replaceFirst("-[0-9].*", ""))
                .toList();
        assertEquals(
                List.copyOf(new TreeSet<>(EXPECTED)), names.stream().sorted().toList());
    }
}
