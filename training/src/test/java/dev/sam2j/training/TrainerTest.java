package dev.sam2j.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.predictors.ImagePredictor;
import dev.sam2j.predictors.Prompt;
import dev.sam2j.predictors.Sam2Model;
import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.model.LoadedModel;
import dev.sam2j.weights.checkpoint.Checkpoints;
import dev.sam2j.weights.torch.TorchWriter;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole runs with the demo model on drawn pictures. */
class TrainerTest {
    @TempDir
    static Path folder;

    private static TrainingData data;

    @BeforeAll
    static void drawPictures() throws IOException {
        Files.createDirectories(folder.resolve("images"));
        Files.createDirectories(folder.resolve("labels"));
        Random random = new Random(3);
        for (int i = 0; i < 5; i++) {
            draw("p" + i + ".png", random);
        }
        data = TrainingData.labels(folder.resolve("labels"), folder.resolve("images"));
    }

    /** Dark squares and discs on grey, and their labels 1, 2 and 3. */
    private static void draw(String name, Random random) throws IOException {
        BufferedImage picture = new BufferedImage(96, 80, BufferedImage.TYPE_INT_RGB);
        BufferedImage labels = new BufferedImage(96, 80, BufferedImage.TYPE_BYTE_GRAY);
        Graphics2D paint = picture.createGraphics();
        Graphics2D label = labels.createGraphics();
        paint.setColor(Color.GRAY);
        paint.fillRect(0, 0, 96, 80);
        for (int object = 1; object <= 3; object++) {
            paint.setColor(new Color(random.nextInt(80), random.nextInt(80), random.nextInt(80)));
            label.setColor(new Color(object, object, object));
            int x = 30 * object - 26;
            int y = 5 + random.nextInt(40);
            int side = 16 + random.nextInt(10);
            if (object == 2) {
                paint.fillOval(x, y, side, side);
                label.fillOval(x, y, side, side);
            } else {
                paint.fillRect(x, y, side, side);
                label.fillRect(x, y, side, side);
            }
        }
        ImageIO.write(picture, "png", folder.resolve("images").resolve(name).toFile());
        ImageIO.write(labels, "png", folder.resolve("labels").resolve(name).toFile());
    }

    private static TrainingOptions options() {
        return new TrainingOptions()
                .epochs(2)
                .batch(2)
                .objects(2)
                .corrections(1)
                .learningRate(3e-4)
                .validationShare(0.2);
    }

    private TrainingResult train(int threads, TrainingOptions options, TrainingListener listener, Path run) {
        try (Sam2Model model =
                Sam2Model.builder().device("cpu").threads(threads).build()) {
            return new Trainer(model, data).options(options).listener(listener).run(run);
        }
    }

    @Test
    void aStoppedRunGoesOnToTheSameBytesOnAnyNumberOfThreads() throws IOException {
        Path whole = folder.resolve("whole");
        TrainingResult result = train(2, options(), TrainingListener.NONE, whole);
        assertEquals(4, result.steps());
        assertEquals(2, result.epochs());
        Path stopped = folder.resolve("stopped");
        List<Long> steps = new ArrayList<>();
        for (int start = 0; start < 4; start++) {
            train(1, options(), stoppingAfterEachStep(steps), stopped);
        }
        assertEquals(List.of(1L, 2L, 3L, 4L), steps);
        for (String file : List.of("best.pt", "last.pt", "val.csv", "state.safetensors")) {
            assertArrayEquals(Files.readAllBytes(whole.resolve(file)), Files.readAllBytes(stopped.resolve(file)), file);
        }
        assertEquals(withoutSeconds(whole), withoutSeconds(stopped));
        assertTrue(Files.readString(whole.resolve("report.html")).contains("<svg"));

        // started once more, a run that has ended changes nothing
        byte[] before = Files.readAllBytes(whole.resolve("best.pt"));
        assertEquals(result, train(2, options(), TrainingListener.NONE, whole));
        assertArrayEquals(before, Files.readAllBytes(whole.resolve("best.pt")));

        TrainingException other = assertThrows(
                TrainingException.class, () -> train(2, options().learningRate(1e-5), TrainingListener.NONE, whole));
        assertTrue(other.getMessage().contains("another learning rate (3.0E-4 instead of 1.0E-5)"), other.getMessage());
    }

    private static TrainingListener stoppingAfterEachStep(List<Long> steps) {
        return new TrainingListener() {
            private boolean stopped;

            @Override
            public void step(long step, long all, double loss, Duration remaining) {
                steps.add(step);
                stopped = true;
            }

            @Override
            public boolean isStopped() {
                return stopped;
            }
        };
    }

    private static List<String> withoutSeconds(Path run) throws IOException {
        return Files.readAllLines(run.resolve("log.csv")).stream()
                .map(line -> {
                    List<String> cells = new ArrayList<>(Arrays.asList(line.split(",")));
                    cells.remove(2);
                    return String.join(",", cells);
                })
                .toList();
    }

    @Test
    void onlyTheDecoderLearnsAndItsWeightsLoad() throws IOException {
        Path run = folder.resolve("weights");
        TrainingOptions options =
                options().epochs(1).frozen(List.of("sam_prompt_encoder.*")).blend(0.5);
        TrainingResult result;
        try (Sam2Model model = Sam2Model.builder().device("cpu").build()) {
            result = new Trainer(model, data)
                    .options(options)
                    .format("safetensors")
                    .general(data)
                    .run(run);
        }
        assertEquals(run.resolve("blended.safetensors"), result.checkpoint());
        Path demo = folder.resolve("demo.pt");
        try (Sam2Model model = Sam2Model.builder().device("cpu").build()) {
            TorchWriter.write(demo, LoadedModel.of(model).source());
        }
        int changed = 0;
        try (Checkpoints.Source before = Checkpoints.open(demo);
                Checkpoints.Source after = Checkpoints.open(run.resolve("last.safetensors"))) {
            assertTrue(before.names().equals(after.names()), "names");
            for (String name : before.names()) {
                boolean same = Arrays.equals(before.read(name), after.read(name));
                assertTrue(same || name.startsWith("sam_mask_decoder.") || name.equals("no_mem_embed"), name);
                changed += same ? 0 : 1;
            }
        }
        assertTrue(changed > 100, "tensors that have learned: " + changed);
        try (Sam2Model model = Sam2Model.builder()
                        .device("cpu")
                        .checkpoint(result.checkpoint())
                        .build();
                ImagePredictor predictor = model.imagePredictor()) {
            predictor.setImage(Picture.read(folder.resolve("images/p0.png")));
            assertFalse(predictor.predict(Prompt.point(15, 30)).masks().isEmpty());
        }
        assertTrue(Files.readString(result.report()).contains("what it knew"));
    }

    @Test
    void aLossThatIsNotFiniteNamesThePicturesAndKeepsTheWeightsBefore() {
        Path run = folder.resolve("diverged");
        TrainingException diverged = assertThrows(
                TrainingException.class,
                () -> train(2, options().learningRate(1e30).warmUp(0), TrainingListener.NONE, run));
        assertTrue(
                diverged.getMessage().matches("step \\d+: the loss is not a finite number any more .*p\\d\\.png.*"),
                diverged.getMessage());
    }
}
