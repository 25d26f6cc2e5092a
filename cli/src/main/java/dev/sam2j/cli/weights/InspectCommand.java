package dev.sam2j.cli.weights;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sam2j.cli.files.Json;
import dev.sam2j.cli.options.DownloadProgress;
import dev.sam2j.cli.terminal.Console;
import dev.sam2j.cli.terminal.ConsoleCommand;
import dev.sam2j.common.io.PrintableText;
import dev.sam2j.weights.CheckpointSummary;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sam2j inspect}: what a checkpoint file holds. */
@Command(name = "inspect", sortOptions = false, description = "Tell what a checkpoint file holds.")
public final class InspectCommand extends ConsoleCommand {
    /** Longest text shown of what a file says. */
    private static final int SHOWN = 200;

    @Parameters(
            paramLabel = "FILE",
            description = "A .pt or .safetensors file, a *.index.json of several, or a folder of Hugging Face.")
    private Path file;

    @Option(names = "--tensors", description = "List all tensors too.")
    private boolean tensors;

    @Option(names = "--json", description = "Print JSON, tensors included.")
    private boolean json;

    @Override
    public Integer call() {
        Console console = console();
        CheckpointSummary summary = CheckpointSummary.of(file);
        if (json) {
            console.printJson(Json.text(tree(summary)));
        } else {
            print(console, summary);
        }
        return 0;
    }

    private void print(Console console, CheckpointSummary summary) {
        console.print("file      " + summary.path() + ", " + DownloadProgress.megabytes(summary.fileSize()));
        console.print("format    " + summary.format() + (summary.huggingFace() ? ", names of Hugging Face" : ""));
        console.print("model     " + summary.model());
        console.print(String.format(
                Locale.ROOT, "tensors   %d, %,d values", summary.tensors().size(), summary.elements()));
        console.print("types     "
                + summary.dtypes().entrySet().stream()
                        .map(type -> type.getValue() + " " + type.getKey())
                        .collect(Collectors.joining(", ")));
        summary.metadata()
                .forEach((key, value) -> console.print("metadata  " + PrintableText.shortened(key, SHOWN) + " = "
                        + PrintableText.shortened(value, SHOWN)));
        summary.skipped()
                .forEach((name, reason) ->
                        console.print("skipped   " + PrintableText.shortened(name, SHOWN) + ": " + reason));
        if (tensors) {
            summary.tensors()
                    .forEach(tensor -> console.print(PrintableText.shortened(tensor.name(), SHOWN) + " "
                            + tensor.dtype() + " " + tensor.shape()));
        }
    }

    private static ObjectNode tree(CheckpointSummary summary) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("file", summary.path().toString());
        root.put("bytes", summary.fileSize());
        root.put("format", summary.format());
        root.put("hugging_face", summary.huggingFace());
        root.put("model", summary.model());
        root.put("elements", summary.elements());
        root.putPOJO("dtypes", summary.dtypes());
        ArrayNode list = root.putArray("tensors");
        for (CheckpointSummary.TensorInfo tensor : summary.tensors()) {
            list.addObject()
                    .put("name", tensor.name())
                    .put("dtype", tensor.dtype())
                    .putPOJO("shape", tensor.shape());
        }
        root.putPOJO("skipped", summary.skipped());
        root.putPOJO("metadata", summary.metadata());
        return root;
    }
}
