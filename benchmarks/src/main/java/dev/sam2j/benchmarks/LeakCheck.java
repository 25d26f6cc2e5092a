package dev.sam2j.benchmarks;

import dev.sam2j.configs.Sam2Config;
import dev.sam2j.predictors.ImageEmbedding;
import dev.sam2j.predictors.ImagePredictor;
import dev.sam2j.predictors.Prompt;
import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.model.LoadedModel;
import dev.sam2j.predictors.video.LiveSession;
import dev.sam2j.predictors.video.Propagation;
import dev.sam2j.predictors.video.VideoSession;
import dev.sam2j.tensor.Backend;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Looks for memory that is not given back: opens the device, loads a model, segments, tracks and closes everything,
 * again and again. Memory of the process and of the device ({@code nvidia-smi}, where it is there) may not grow after
 * the first half of the cycles by more than {@code --allow} MiB. Options: those of {@link TimingOptions}, {@code
 * --cycles N}, {@code --allow MIB}. Exits with status 1 if memory grew.
 */
public final class LeakCheck {
    private static final int FRAMES = 3;
    private static final int CLICKS = 10;

    private LeakCheck() {}

    /** Memory in MiB; -1 where it cannot be told. */
    private record Memory(long process, long device) {
        static Memory now() throws IOException, InterruptedException {
            System.gc();
            return new Memory(resident(), deviceUsed());
        }

        private static long resident() throws IOException {
            Path status = Path.of("/proc/self/status");
            if (!Files.isReadable(status)) {
                return -1;
            }
            return Files.readAllLines(status).stream()
                    .filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) >> 10)
                    .findFirst()
                    .orElse(-1);
        }

        private static long deviceUsed() throws InterruptedException {
            try {
                Process process = new ProcessBuilder(
                                "nvidia-smi", "--query-gpu=memory.used", "--format=csv,noheader,nounits")
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
                String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
                return process.waitFor() == 0 && !text.isBlank()
                        ? text.lines()
                                .mapToLong(line -> Long.parseLong(line.strip()))
                                .sum()
                        : -1;
            } catch (IOException | NumberFormatException e) {
                // No such program, or one that does not know: the process's memory is watched alone.
                return -1;
            }
        }
    }

    /** Runs the cycles and prints a line for each. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        TimingOptions options = new TimingOptions("LeakCheck", Map.of("--cycles", "8", "--allow", "64"), arguments);
        int cycles = options.number("--cycles", 4);
        int allowed = options.number("--allow", 0);
        Memory middle = null;
        Memory last = null;
        for (int cycle = 1; cycle <= cycles; cycle++) {
            cycle(options);
            last = Memory.now();
            middle = cycle == (cycles + 1) / 2 ? last : middle;
            System.out.println("cycle " + cycle + ": process " + last.process + " MiB, device " + last.device + " MiB");
        }
        long process = last.process - middle.process;
        long device = last.device - middle.device;
        boolean grew = process > allowed || device > allowed;
        System.out.println("growth after the first half: process " + process + " MiB, device " + device + " MiB, "
                + (grew ? "MORE than the " : "within the ") + allowed + " MiB allowed");
        if (grew) {
            System.exit(1);
        }
    }

    private static void cycle(TimingOptions options) {
        String name = options.list("--model").get(0);
        Sam2Config config = TimingOptions.config(name).withVideoPostprocessing();
        Picture picture = EncoderTiming.picture(config.imageSize());
        try (Backend backend = options.open();
                LoadedModel model = LoadedModel.of("random", config, new RandomWeights(config), backend)) {
            try (ImagePredictor predictor = model.imagePredictor()) {
                for (int i = 0; i < FRAMES; i++) {
                    try (ImageEmbedding embedding = predictor.encode(picture)) {
                        if (embedding.width() != picture.width()) {
                            throw new IllegalStateException("LeakCheck: the embedding is of another picture");
                        }
                    }
                }
                predictor.setImage(picture);
                for (int i = 0; i < CLICKS; i++) {
                    predictor.predict(Prompt.point(10 + i, 20));
                }
            }
            for (int objects = 1; objects <= 2; objects++) {
                try (LiveSession session = FullBank.openLive(model, picture, objects)) {
                    for (int i = 0; i < FRAMES; i++) {
                        session.track(picture);
                    }
                }
                try (VideoSession session = FullBank.openVideo(model, picture, 2 * FRAMES, objects)) {
                    Propagation frames = session.propagate();
                    for (int i = 0; i < FRAMES; i++) {
                        frames.next();
                    }
                }
            }
        }
    }
}
