package dev.sam2j.weights.checkpoint;

import dev.sam2j.common.io.AtomicFiles;
import dev.sam2j.weights.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Finds the checkpoint in a folder of Hugging Face. */
final class CheckpointFolder {
    private static final List<String> NAMES = List.of(
            "model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json");

    private CheckpointFolder() {}

    /**
     * The path itself unless it is a folder, else the checkpoint that is in it.
     *
     * @throws CheckpointException if the folder has none, or several of which none has the usual name
     */
    static Path find(Path path) {
        if (path.toString().isEmpty() || !Files.isDirectory(path)) {
            return path;
        }
        for (String name : NAMES) {
            if (Files.exists(path.resolve(name))) {
                return path.resolve(name);
            }
        }
        List<Path> others = weights(path);
        if (others.size() == 1) {
            return others.get(0);
        }
        throw new CheckpointException(
                path,
                others.isEmpty()
                        ? "this folder has no model.safetensors, model.safetensors.index.json or other checkpoint"
                        : "this folder has several checkpoints, such as "
                                + others.get(0).getFileName() + " and "
                                + others.get(1).getFileName() + ", name the one that is meant");
    }

    private static List<Path> weights(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().matches(".*\\.(safetensors|pt|pth|bin|ckpt)"))
                    .sorted()
                    .limit(2)
                    .toList();
        } catch (IOException e) {
            throw new CheckpointException(folder, "the folder cannot be read (" + AtomicFiles.reason(e) + ")", e);
        }
    }
}
