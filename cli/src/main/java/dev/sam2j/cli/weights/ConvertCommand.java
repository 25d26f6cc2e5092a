package dev.sam2j.cli.weights;

import dev.sam2j.cli.options.DownloadProgress;
import dev.sam2j.cli.terminal.CliException;
import dev.sam2j.cli.terminal.Console;
import dev.sam2j.common.io.StagedFiles;
import dev.sam2j.weights.CheckpointConverter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sam2j convert}: a checkpoint as safetensors or {@code .pt}. */
@Command(
        name = "convert",
        sortOptions = false,
        description =
                "Convert a checkpoint (.pt, or .safetensors with Hugging Face names) to safetensors or .pt with the "
                        + "official names.")
public final class ConvertCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(
            index = "0",
            paramLabel = "IN",
            description = "A .pt or .safetensors file, a *.index.json of several, or a folder of Hugging Face.")
    private Path input;

    @Parameters(
            index = "1",
            paramLabel = "OUT",
            description = "The new file, *.safetensors or *.pt; one of that name is replaced.")
    private Path output;

    @Override
    public Integer call() {
        if (!output.toString().matches(".*\\.(safetensors|pt)")) {
            throw CliException.usage("OUT must end in .safetensors or .pt, got " + output);
        }
        StagedFiles.removeLeftovers(output.toAbsolutePath().getParent());
        CheckpointConverter.Result result = CheckpointConverter.convert(input, output);
        Console console = Console.of(spec);
        result.skipped().forEach((name, reason) -> console.say("left out " + name + ": " + reason));
        console.say(result.tensors() + " tensors, " + DownloadProgress.megabytes(result.bytes()) + ": " + output);
        return 0;
    }
}
