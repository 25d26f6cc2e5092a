package dev.sam2j.cli.track;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.cli.Cli;
import dev.sam2j.cli.Clip;
import dev.sam2j.cli.TestFiles;
import dev.sam2j.predictors.mask.Mask;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrackBadInputTest {
    private static final String POINT = "0,1,22,20";

    @TempDir
    Path folder;

    private Path frames;
    private Path out;

    @BeforeEach
    void draw() throws IOException {
        frames = Clip.folder(folder.resolve("frames"), 2);
        out = folder.resolve("out");
    }

    private void nothingWritten() {
        assertFalse(Files.exists(out));
    }

    @Test
    void sourcesThatAreNone() throws IOException {
        Path empty = Files.createDirectory(folder.resolve("empty"));
        Cli.run("track", empty, "-o", out, "--point", POINT).failed(1, "empty", "holds no pictures", "PNG");
        Cli.run("track", folder.resolve("none"), "-o", out, "--point", POINT).failed(1, "none does not exist");
        Path text = Files.writeString(folder.resolve("a.mp4"), "text");
        Cli.run("track", text, "-o", out, "--point", POINT).failed(1, "a.mp4 cannot be read as a video");
        Files.write(frames.resolve("00001.jpg"), TestFiles.png(96, 72, 1));
        Cli.run("track", frames, "-o", out, "--point", POINT).failed(1, "two pictures called 00001");
        nothingWritten();
    }

    @Test
    void videoWithoutItsEnd() throws IOException {
        byte[] bytes = Files.readAllBytes(Clip.video(folder.resolve("a.mp4"), 20));
        Path cut = Files.write(folder.resolve("cut.mp4"), java.util.Arrays.copyOf(bytes, bytes.length / 2));
        Cli.run("track", cut, "-o", out, "--point", POINT).failed(1, "cut.mp4 cannot be read as a video");
        nothingWritten();
    }

    @Test
    void promptsThatCannotBe() throws IOException {
        Cli.run("track", frames, "-o", out).failed(2, "say what to track");
        Cli.run("track", frames, "-o", out, "--point", "5,1,22,20").failed(1, "there is no frame 5", "frames 0 to 1");
        Cli.run("track", frames, "-o", out, "--point", "-1,1,22,20").failed(2, "frames count from 0");
        Cli.run("track", frames, "-o", out, "--point", "0,1,220,20").failed(2, "lies outside");
        Cli.run("track", frames, "-o", out, "--point", "0,1,22").failed(2, "--point");
        Cli.run("track", frames, "-o", out, "--point", "cat,1,22,20").failed(2, "frame must be a whole number");
        Cli.run("track", frames, "-o", out, "--box", "0,1,20,20,10,30").failed(2, "expected x0 < x1");
        Cli.run("track", frames, "-o", out, "--box", "0,1,1,1,10,30", "--box", "0,1,2,2,10,30")
                .failed(2, "two boxes");
        Path small = Clip.mask(folder.resolve("m.png"), Mask.full(10, 12));
        Cli.run("track", frames, "-o", out, "--mask", "0,1," + small)
                .failed(1, "the mask is 10x12, but the video is 96x72");
        Path picture = Files.write(folder.resolve("m.png"), TestFiles.png(96, 72, 1));
        Cli.run("track", frames, "-o", out, "--mask", "0,1," + picture).failed(1, "m.png has colours but no black");
        Cli.run("track", frames, "-o", out, "--mask", "0,1,none.png").failed(1, "none.png");
        nothingWritten();
    }

    @Test
    void optionsThatContradict() throws IOException {
        Path steps = Files.writeString(folder.resolve("s.json"), "[{\"op\":\"propagate\"}]");
        Cli.run("track", frames, "-o", out, "--point", POINT, "--prompts", steps)
                .failed(2, "cannot be combined");
        Cli.run("track", frames, "-o", out, "--point", POINT, "--fill-hole-area", "-1")
                .failed(2, "negative");
        Cli.run("track", frames, "-o", out, "--point", POINT, "--fill-hole-area", "8", "--no-postprocessing")
                .failed(2, "fills no holes");
        Cli.run("track", frames, "-o", out, "--point", POINT, "--fps", "0").failed(2, "--fps");
        Cli.run("track", frames, "-o", out, "--point", POINT, "--overlay", "film")
                .failed(2, "--overlay");
        nothingWritten();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{} | expected a list of steps",
                "[] | expected a list of steps",
                "[3] | step 0: expected an object",
                "[{\"op\":\"dance\"}] | step 0: op: expected prompt, mask, propagate",
                "[{\"op\":\"propagate\",\"max\":-1}] | max: expected 0 or more",
                "[{\"op\":\"propagate\",\"revers\":true}] | step 0: 'revers' is not known for op propagate",
                "[{\"op\":\"propagate\",\"reverse\":1}] | reverse: expected true or false, got 1",
                "[{\"op\":\"prompt\",\"frame\":0,\"object\":1}] | a prompt needs points or a box",
                "[{\"op\":\"prompt\",\"frame\":0.5,\"object\":1}] | frame: expected a whole number, got 0.5",
                "[{\"op\":\"prompt\",\"frame\":0,\"points\":[[1,1]]}] | object: expected a whole number of 64 bits or a name of up to 80 bytes without commas and control characters, got nothing",
                "[{\"op\":\"prompt\",\"frame\":0,\"object\":1,\"points\":[[1]]}] | points: expected [[x,y], ...]",
                "[{\"op\":\"prompt\",\"frame\":0,\"object\":1,\"points\":[[1,2]],\"labels\":[2]}] | labels: expected 1",
                "[{\"op\":\"prompt\",\"frame\":0,\"object\":1,\"points\":[[1,2]],\"labels\":[]}] | one for each of the 1",
                "[{\"op\":\"prompt\",\"frame\":0,\"object\":1,\"box\":[1,2,3]}] | box: expected [x0,y0,x1,y1]",
                "[{\"op\":\"prompt\",\"frame\":0,\"object\":1,\"box\":[5,5,3,3]}] | expected x0 < x1",
                "[{\"op\":\"mask\",\"frame\":0,\"object\":1}] | file: expected the name of a picture",
                "[{\"op\":\"clear\",\"frame\":9,\"object\":1}] | there is no frame 9",
                "not json | is not JSON",
            })
    void stepsThatCannotBe(String text, String message) throws IOException {
        Path steps = Files.writeString(folder.resolve("s.json"), text);
        Cli.run("track", frames, "-o", out, "--prompts", steps).failed(1, message);
        nothingWritten();
    }

    @ParameterizedTest
    @CsvSource({"5001, 5001 points on one object", "500000, limit of 25000 values"})
    void pointsWithoutEnd(int count, String message) throws IOException {
        String points = "[5,5],".repeat(count - 1) + "[5,5]";
        Path steps = Files.writeString(
                folder.resolve("s.json"), "[{\"op\":\"prompt\",\"frame\":0,\"object\":1,\"points\":[" + points + "]}]");
        Cli.run("track", frames, "-o", out, "--prompts", steps).failed(1, "step 0", message);
        nothingWritten();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"op\":\"propagate\"} | in step 0 of 0 to 0: propagate: there is nothing to track",
                "{\"op\":\"remove\",\"object\":4} | in step 0 of 0 to 0: there is no object 4",
                "{\"op\":\"prompt\",\"frame\":0,\"object\":1,\"points\":[[22,20]]},"
                        + "{\"op\":\"prompt\",\"frame\":0,\"object\":2,\"points\":[[70,40]]},"
                        + "{\"op\":\"remove\",\"object\":2},"
                        + "{\"op\":\"clear\",\"frame\":0,\"object\":2}"
                        + "| in step 3 of 0 to 3: there is no object 2, the objects are 1",
                "{\"op\":\"prompt\",\"frame\":0,\"object\":\"a cat\",\"points\":[[22,20]]},"
                        + "{\"op\":\"clear\",\"frame\":0,\"object\":\"a cat\"},{\"op\":\"propagate\"}"
                        + "| in step 2 of 0 to 2: propagate: object a cat has no prompt, add one or remove it",
            })
    void stepsThatFailWhenTheyAreDone(String text, String message) throws IOException {
        Path steps = Files.writeString(folder.resolve("s.json"), "[" + text + "]");
        Cli.Outcome outcome = Cli.run("track", frames, "-o", out, "--prompts", steps, "--overlay", "none");
        assertEquals(1, outcome.code());
        assertTrue(outcome.err().contains("tracking stopped " + message), outcome.err());
        assertFalse(Cli.json(out.resolve("tracks.json")).get("complete").asBoolean());
    }

    @Test
    void outputFoldersThatCannotBe() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");
        Cli.run("track", frames, "-o", file, "--point", POINT).failed(1, "is a file");
        Files.createDirectories(folder.resolve("mine/masks"));
        Cli.run("track", frames, "-o", folder.resolve("mine"), "--point", POINT).failed(1, "not of a tracking");
        Path inside = Clip.folder(folder.resolve("all/masks"), 2);
        Cli.run("track", inside, "-o", folder.resolve("all"), "--point", POINT).failed(1, "lies where results go");
        assertEquals(Set.of("00000.png", "00001.png"), Cli.names(inside));
        Cli.run("track", frames, "-o", folder.resolve("new"), "--point", POINT, "--checkpoint", file)
                .failed(1, "file");
        assertFalse(Files.exists(folder.resolve("new")));
    }
}
