package dev.sam2j.predictors;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.configs.Configs;
import dev.sam2j.cpu.CpuBackend;
import dev.sam2j.predictors.auto.AutomaticMaskGenerator;
import dev.sam2j.predictors.auto.AutomaticMaskOptions;
import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.model.LoadedModel;
import dev.sam2j.predictors.video.LiveSession;
import dev.sam2j.predictors.video.VideoOptions;
import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.Shape;
import dev.sam2j.tensor.weights.WeightSource;
import dev.sam2j.weights.checkpoint.Checkpoints;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** Weights that are numbers, but so large that what is computed from them is not. */
class FiniteOutputsTest {
    private static final Picture PICTURE = picture();
    private static CpuBackend backend;
    private static Checkpoints.Source demo;

    @BeforeAll
    static void open(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("demo.pt");
        try (InputStream in = Sam2Model.class.getResourceAsStream("model/sam2.1_hiera_demo.pt")) {
            Files.copy(in, file);
        }
        demo = Checkpoints.open(file);
        backend = new CpuBackend();
    }

    @AfterAll
    static void close() {
        demo.close();
        backend.close();
    }

    private static Picture picture() {
        byte[] rgb = new byte[64 * 48 * 3];
        new Random(1).nextBytes(rgb);
        return Picture.of(rgb, 64, 48);
    }

    /** The demo weights with a tensor multiplied so that it nearly overflows. */
    private record Huge(String tensor) implements WeightSource {
        @Override
        public String description() {
            return "huge";
        }

        @Override
        public Set<String> names() {
            return demo.names();
        }

        @Override
        public Shape shape(String name) {
            return demo.shape(name);
        }

        @Override
        public DType dtype(String name) {
            return demo.dtype(name);
        }

        @Override
        public void read(String name, float[] destination, int offset) {
            demo.read(name, destination, offset);
            for (int i = 0; name.equals(tensor) && i < demo.shape(name).elements(); i++) {
                destination[offset + i] = Math.signum(destination[offset + i]) * 2e38f;
            }
        }
    }

    private static Sam2Model model(String tensor) {
        assertTrue(demo.names().contains(tensor), tensor);
        return LoadedModel.of("huge", Configs.named("sam2.1_hiera_demo"), new Huge(tensor), backend);
    }

    private static void fails(String what, Executable use) {
        String message = assertThrows(ModelException.class, use).getMessage();
        assertTrue(
                message.matches("the model huge computed (NaN|-?Infinity) as " + what
                        + ": its weights are damaged, or too large for precision \\w+"),
                message);
    }

    private static void failsEverywhere(String what, Sam2Model model, AutomaticMaskOptions options) {
        try (ImagePredictor predictor = model.imagePredictor();
                AutomaticMaskGenerator generator = new AutomaticMaskGenerator(model, options);
                LiveSession session = model.videoPredictor().openLive(VideoOptions.BARE)) {
            predictor.setImage(PICTURE);
            fails(what, () -> predictor.predict(Prompt.point(30, 20)));
            fails(what, () -> predictor.predict(Prompt.NONE, PredictOptions.SINGLE));
            fails(what, () -> generator.generate(PICTURE));
            session.track(PICTURE);
            fails("the (presence of an object|logits of a mask)", () -> session.addPrompt(1, Prompt.point(30, 20)));
        }
    }

    @Test
    void anEncoderThatOverflows() {
        try (Sam2Model model = model("image_encoder.neck.convs.0.conv.weight")) {
            AutomaticMaskOptions few =
                    AutomaticMaskOptions.builder().pointsPerSide(2).build();
            failsEverywhere("the (logits of a mask|predicted quality of a mask)", model, few);
        }
    }

    /** Qualities and presence are numbers here, masks are not. */
    @Test
    void masksThatOverflow() {
        try (Sam2Model model = model("sam_mask_decoder.output_upscaling.3.weight")) {
            AutomaticMaskOptions all = AutomaticMaskOptions.builder()
                    .pointsPerSide(2)
                    .predIouThresh(0)
                    .stabilityScoreThresh(0)
                    .build();
            failsEverywhere("the logits of a mask", model, all);
        }
    }

    /** The prompted frame is as it should be, those tracked from its memory are not. */
    @Test
    void memoriesThatOverflow() {
        try (Sam2Model model = model("memory_encoder.out_proj.weight");
                LiveSession session = model.videoPredictor().openLive(VideoOptions.DEFAULT)) {
            session.track(PICTURE);
            session.addPrompt(1, Prompt.box(10, 10, 40, 40));
            fails("the (presence of an object|logits of a mask)", () -> session.track(PICTURE));
        }
    }
}
