package dev.sam2j.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sam2j.predictors.Sam2Model;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process that trains is killed, and another goes on to the bytes of a run that nobody disturbed. */
class KilledRunTest {
    /** Files of a run that do not tell how long it took. */
    private static final List<String> SAME = List.of("best.pt", "last.pt", "val.csv", "state.safetensors");

    @TempDir
    static Path folder;

    @BeforeAll
    static void drawPictures() throws IOException {
        for (String kind : List.of("images", "labels")) {
            Files.createDirectories(folder.resolve(kind));
            for (int i = 0; i < 4; i++) {
                BufferedImage image = new BufferedImage(64, 48, BufferedImage.TYPE_BYTE_GRAY);
                Graphics2D paint = image.createGraphics();
                for (int object = 1; object <= 2; object++) {
                    int shade = kind.equals("labels") ? object : 100 + 60 * object + i;
                    paint.setColor(new Color(shade, shade, shade));
                    paint.fillRect(30 * object - 26, 6 + 3 * i, 20, 24);
                }
                ImageIO.write(
                        image,
                        "png",
                        folder.resolve(kind).resolve("p" + i + ".png").toFile());
            }
        }
    }

    /** Trains for three steps, of which each ends an epoch, and tells each step before it is validated. */
    static final class Run {
        private Run() {}

        public static void main(String[] args) {
            train(Path.of(args[0]), Path.of(args[1]));
        }
    }

    private static void train(Path pictures, Path run) {
        try (Sam2Model model = Sam2Model.builder().device("cpu").threads(1).build()) {
            new Trainer(model, TrainingData.labels(pictures.resolve("labels"), pictures.resolve("images")))
                    .options(new TrainingOptions()
                            .epochs(3)
                            .batch(3)
                            .objects(1)
                            .corrections(0)
                            .patience(0)
                            .learningRate(1e-3))
                    .listener(new TrainingListener() {
                        @Override
                        public void step(long step, long steps, double loss, Duration remaining) {
                            System.out.println("step " + step);
                        }
                    })
                    .run(run);
        }
    }

    /** Starts a run and kills it once the folder is as it is waited for after a step. */
    private static boolean isKilled(Path run, int step, Predicate<Set<String>> moment) throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "--add-modules",
                        "jdk.incubator.vector",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Run.class.getName(),
                        folder.toString(),
                        run.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (BufferedReader told = process.inputReader()) {
            String line = "";
            while (step > 0 && line != null && !line.equals("step " + step)) {
                line = told.readLine();
            }
            while (process.isAlive() && !moment.test(names(run))) {
                Thread.onSpinWait();
            }
            boolean alive = process.isAlive();
            process.destroyForcibly().waitFor();
            return alive;
        }
    }

    private static Set<String> names(Path run) {
        try (Stream<Path> files = Files.list(run)) {
            return files.map(file -> file.getFileName().toString()).collect(Collectors.toSet());
        } catch (IOException e) {
            return Set.of();
        }
    }

    private static Path whole() {
        Path whole = folder.resolve("whole");
        if (Files.notExists(whole)) {
            train(folder, whole);
        }
        return whole;
    }

    private static void assertGoesOn(Path run) throws IOException {
        Path whole = whole();
        train(folder, run);
        for (String file : SAME) {
            assertArrayEquals(Files.readAllBytes(whole.resolve(file)), Files.readAllBytes(run.resolve(file)), file);
        }
        assertEquals(names(whole), names(run), "nothing half-written is left");
    }

    @Test
    void killedWhileFirstWeightsAreThereButNoStateOfThem() throws Exception {
        Path run = folder.resolve("first");
        assertTrue(isKilled(run, 1, names -> names.contains("best.pt")), "killed in time");
        assertGoesOn(run);
    }

    @Test
    void killedAgainAndAgain() throws Exception {
        assumeTrue(Boolean.getBoolean("sam2j.full"), "takes long; -Pfull runs it");
        Predicate<Set<String>> writing = names -> names.stream().anyMatch(name -> name.startsWith("."));
        Path run = folder.resolve("often");
        int killed = 0;
        for (int delay : new int[] {0, 300, 1000, 2000, 3000}) {
            killed += isKilled(run, 0, after(delay)) ? 1 : 0; // before the first step and wherever the time leads
        }
        for (int step = 1; step <= 3; step++) {
            killed += isKilled(run, step, writing) ? 1 : 0;
            killed += isKilled(run, step, after(0)) ? 1 : 0;
        }
        assertTrue(killed >= 5, "killed " + killed + " times");
        assertGoesOn(run);
    }

    private static Predicate<Set<String>> after(int millis) {
        long[] start = {0};
        return names -> {
            if (start[0] == 0 && (millis == 0 || !names.isEmpty())) {
                start[0] = System.nanoTime();
            }
            return start[0] != 0 && System.nanoTime() - start[0] >= millis * 1_000_000L;
        };
    }
}
