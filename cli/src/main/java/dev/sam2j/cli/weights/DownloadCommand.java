package dev.sam2j.cli.weights;

import dev.sam2j.cli.options.CacheOptions;
import dev.sam2j.cli.options.DownloadProgress;
import dev.sam2j.cli.terminal.CliException;
import dev.sam2j.cli.terminal.Console;
import dev.sam2j.cli.terminal.ConsoleCommand;
import dev.sam2j.weights.CheckpointDownloader;
import dev.sam2j.weights.DownloadSettings;
import dev.sam2j.weights.NamedCheckpoint;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sam2j download}: official checkpoints into the cache. */
@Command(
        name = "download",
        sortOptions = false,
        description = "Download official checkpoints into the cache folder and print where they are.")
public final class DownloadCommand extends ConsoleCommand {
    @Parameters(
            paramLabel = "MODEL",
            arity = "1..*",
            description = "tiny, small, base-plus, large, or sam2_hiera_t, _s, _b+, _l.")
    private List<String> models;

    @Mixin
    private CacheOptions cacheOptions;

    @Option(
            names = "--base-url",
            paramLabel = "URL",
            description = "Server that has the files (default: the official one); hashes are checked all the same.")
    private URI baseUrl;

    @Override
    public Integer call() {
        List<NamedCheckpoint> checkpoints = models.stream()
                .map(model -> NamedCheckpoint.named(model)
                        .orElseThrow(() ->
                                CliException.usage("MODEL: expected one of " + names() + ", got '" + model + "'")))
                .toList();
        Console console = console();
        CheckpointDownloader downloader = new CheckpointDownloader(cacheOptions.cache(), settings());
        for (NamedCheckpoint checkpoint : checkpoints) {
            Path file = downloader.get(checkpoint, new DownloadProgress(console, checkpoint.fileName()));
            console.print(file.toString());
        }
        return 0;
    }

    private DownloadSettings settings() {
        if (baseUrl == null) {
            return DownloadSettings.OFFICIAL;
        }
        boolean web = "http".equalsIgnoreCase(baseUrl.getScheme()) || "https".equalsIgnoreCase(baseUrl.getScheme());
        if (!web || baseUrl.getHost() == null) {
            throw CliException.usage("--base-url: expected an http or https address, got '" + baseUrl + "'");
        }
        String text = baseUrl.toString();
        return DownloadSettings.OFFICIAL.withBaseUrl(URI.create(text.endsWith("/") ? text : text + "/"));
    }

    private static String names() {
        return Stream.of(NamedCheckpoint.values())
                .map(NamedCheckpoint::modelName)
                .collect(Collectors.joining(", "));
    }
}
