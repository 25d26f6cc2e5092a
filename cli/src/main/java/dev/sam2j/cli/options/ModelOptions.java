package dev.sam2j.cli.options;

import dev.sam2j.Precision;
import dev.sam2j.WeightsException;
import dev.sam2j.cli.terminal.CliException;
import dev.sam2j.cli.terminal.Console;
import dev.sam2j.cli.terminal.Version;
import dev.sam2j.common.io.Sha256;
import dev.sam2j.configs.Configs;
import dev.sam2j.predictors.Sam2Model;
import dev.sam2j.tensor.provider.BackendOptions;
import dev.sam2j.tensor.provider.Backends;
import dev.sam2j.weights.CheckpointException;
import dev.sam2j.weights.NamedCheckpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which model computes, with which weights, and on what. */
public final class ModelOptions {
    /** What is said of the bundled model. */
    static final String DEMO_NOTE =
            "the demo model was trained on drawn scenes like those in samples/ and is not made for "
                    + "photographs; use --model tiny, small, base-plus or large for those";

    private static final String DEMO = "demo";
    private static final int MAX_THREADS = 1024;

    @Option(
            names = "--model",
            paramLabel = "NAME|FILE.yaml",
            defaultValue = DEMO,
            description = "demo (the default, bundled), tiny, small, base-plus, large, a model of the first generation "
                    + "(sam2_hiera_t, _s, _b+, _l), or a YAML file.")
    private String model;

    @Option(
            names = "--checkpoint",
            paramLabel = "FILE",
            description =
                    "Weights: .pt, .safetensors, a *.index.json or a folder of Hugging Face (default: those of the "
                            + "named model, downloaded once).")
    private Path checkpoint;

    @Mixin
    private CacheOptions cache;

    @Option(
            names = "--device",
            paramLabel = "DEVICE",
            defaultValue = "auto",
            description = "auto (the default), cpu, cuda or cuda:N.")
    private String device;

    @Option(
            names = "--precision",
            paramLabel = "FORMAT",
            defaultValue = "auto",
            converter = PrecisionName.class,
            description = "auto (the default: bf16 on a GPU, fp32 on the CPU), fp32, tf32, fp16 or bf16. "
                    + "The CPU takes bf16 where it has AVX512_BF16, with Java 22 or later.")
    private Precision precision;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "Threads of the CPU backend (default: one per processor).")
    private Integer threads;

    @Option(
            names = "--no-postprocessing",
            description =
                    "Take the model exactly as its YAML says, without the fallback for unstable single masks that "
                            + "the reference's builder adds; in videos also without binary prompt memories, filled "
                            + "holes and corrections that are kept.")
    private boolean noPostprocessing;

    /**
     * Checks what can be checked before anything is read.
     *
     * @throws CliException if the model or the device has no known name, or the number of threads is out of range
     */
    public void check() {
        if (!Configs.isKnown(model)) {
            if (!Files.exists(Path.of(model))) {
                throw CliException.usage("--model: expected demo, tiny, small, base-plus, large, sam2_hiera_t, "
                        + "sam2_hiera_s, sam2_hiera_b+, sam2_hiera_l or a YAML file, got '" + model + "'");
            }
            if (checkpoint == null) {
                throw CliException.usage("--model: a model from a file needs --checkpoint too");
            }
        }
        if (threads != null && (threads < 1 || threads > MAX_THREADS)) {
            throw CliException.usage("--threads: expected 1 to " + MAX_THREADS + ", got " + threads);
        }
        if (!device.matches("auto|(cpu|cuda)(:\\d{1,4})?")) {
            throw CliException.usage("--device: expected auto, cpu, cuda or cuda:N, got '" + device + "'");
        }
    }

    /** Begins to get the device ready while other things are read. */
    public void prepare() {
        Backends.prepare(device, new BackendOptions(threads == null ? 0 : threads, precision));
    }

    /** Loads the model, downloading its weights if they are not there; says what should be known of it. */
    public Sam2Model load(Console console) {
        return load(console, postprocessing());
    }

    /** As {@link #load(Console)}, with or without what the reference's builder adds to the YAML. */
    public Sam2Model load(Console console, boolean postprocessing) {
        if (note() != null) {
            console.say(note());
        }
        try {
            return Sam2Model.builder()
                    .model(model)
                    .checkpoint(checkpoint)
                    .cacheFolder(cache.folder())
                    .downloadListener(new DownloadProgress(console, "the weights of " + model))
                    .device(device)
                    .precision(precision)
                    .threads(threads == null ? 0 : threads)
                    .postprocessing(postprocessing)
                    .build();
        } catch (WeightsException e) {
            throw CliException.failure(misfit(e), e);
        } catch (CheckpointException e) {
            if (checkpoint != null) {
                throw e;
            }
            throw CliException.failure(e.getMessage() + ", or choose --model demo or --checkpoint FILE", e);
        }
    }

    /** The first sentence, and how to see the others. */
    private static String misfit(WeightsException e) {
        List<String> lines = e.getMessage().lines().toList();
        return lines.size() < 2 ? e.getMessage() : lines.get(0) + " (--debug lists the tensors that differ)";
    }

    /** Name or file of the model, as the user gave it. */
    public String model() {
        return model;
    }

    /** The weights' file, or null for those of the named model. */
    public Path checkpoint() {
        return checkpoint;
    }

    /** What tells the weights and a configuration of the user's own from others: hashes, or the program's version. */
    public String weights() throws IOException {
        if (checkpoint != null) {
            String own = Configs.isKnown(model) ? "" : Sha256.of(Path.of(model)) + " ";
            return own + Sha256.of(checkpoint);
        }
        String name = Configs.canonicalName(model);
        return Stream.of(NamedCheckpoint.values())
                .filter(named -> named.configName().equals(name))
                .findFirst()
                .map(NamedCheckpoint::sha256)
                .orElseGet(Version::version); // the demo's are part of the program
    }

    /** Whether the model behaves as the reference's builder makes it. */
    public boolean postprocessing() {
        return !noPostprocessing;
    }

    /** What should be known about the results of this model, or null. */
    public String note() {
        boolean demo = Configs.isKnown(model) && Configs.canonicalName(model).equals(Configs.canonicalName(DEMO));
        return demo && checkpoint == null ? DEMO_NOTE : null;
    }

    /** Reads the names of number formats. */
    static final class PrecisionName implements picocli.CommandLine.ITypeConverter<Precision> {
        @Override
        public Precision convert(String text) {
            return Stream.of(Precision.values())
                    .filter(value -> value.name().toLowerCase(Locale.ROOT).equals(text))
                    .findFirst()
                    .orElseThrow(() -> CliException.usage(
                            "--precision: expected auto, fp32, tf32, fp16 or bf16, got '" + text + "'"));
        }
    }
}
