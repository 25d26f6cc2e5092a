package dev.sam2j.cli;

import static dev.sam2j.cli.Cli.SHAPES;
import static dev.sam2j.cli.Cli.json;
import static dev.sam2j.cli.Cli.names;
import static dev.sam2j.cli.Cli.run;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sam2j.predictors.mask.Mask;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What cannot be done ends with the right exit code and one sentence, and leaves nothing behind. */
class BadInputTest {
    @TempDir
    private Path folder;

    private Path out;
    private TreeSet<String> before;

    @BeforeEach
    void chooseOutput() {
        out = folder.resolve("new").resolve("out");
    }

    /** Runs segment with a prompt and an output; expects that nothing was made. */
    private Cli.Outcome segment(Object... args) {
        before = names(folder);
        Object[] all = new Object[args.length + 3];
        all[0] = "segment";
        System.arraycopy(args, 0, all, 1, args.length);
        all[args.length + 1] = "--output";
        all[args.length + 2] = out;
        return run(all);
    }

    @AfterEach
    void nothingIsLeft() {
        if (before != null) {
            assertEquals(before, names(folder));
        }
    }

    private Path write(String name, byte[] content) throws IOException {
        return Files.write(folder.resolve(name), content);
    }

    @Test
    void noPrompt() {
        segment(SHAPES).failed(2, "--point", "--box", "sam2j segment --help");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "NaN,5; finite",
                "5,Infinity; finite",
                "5; X,Y",
                "a,b; finite",
                "5,5,7; label",
                "5,5,-1; label",
                "5,5,2; --box",
                "1,2,3,4; X,Y",
                "400,10; outside the picture of 320x240",
                "-1,10; outside the picture of 320x240"
            })
    void badPoints(String point, String word) {
        segment(SHAPES, "--point", point).failed(2, "point", word);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "50,10,20,40; x0 < x1",
                "10,40,20,40; x0 < x1",
                "1,2,3; X0,Y0,X1,Y1",
                "1,2,3,NaN; finite",
                "400,300,500,400; outside the picture"
            })
    void badBoxes(String box, String word) {
        segment(SHAPES, "--box", box).failed(2, "box", word);
    }

    @Test
    void promptsThatDoNotGoTogether() {
        segment(SHAPES, "--box", "1,1,9,9", "--box", "2,2,9,9", "--point", "5,5")
                .failed(2, "one box");
        segment(SHAPES, "--box", "1,1,9,9", "--box", "2,2,9,9", "--mask-input", SHAPES)
                .failed(2, "one box");
        segment(SHAPES, "--point", "5,5", "--multimask", "--single").failed(2, "--multimask", "--single");
        segment(SHAPES, "--point", "5,5", "--image-id", "5").failed(2, "--boxes");
    }

    @Test
    void wrongUsage() {
        run("segment", SHAPES, "--point", "5,5").failed(2, "--output");
        run("segment", "--point", "5,5", "--output", out).failed(2, "IMAGE");
        segment(SHAPES, "--point", "5,5", "--threads", "0").failed(2, "--threads");
        segment(SHAPES, "--point", "5,5", "--threads", "many").failed(2, "--threads");
        segment(SHAPES, "--point", "5,5", "--device", "abacus").failed(2, "--device", "abacus", "cpu");
        segment(SHAPES, "--point", "5,5", "--device", "cuda:1").failed(1, "cuda:1 cannot be used");
        segment(SHAPES, "--point", "5,5", "--precision", "fp8").failed(2, "--precision", "fp8");
        segment(SHAPES, "--point", "5,5", "--model", "huge").failed(2, "--model", "huge", "demo");
        segment(SHAPES, "--point", "5,5", "--model", Cli.DEMO_YAML).failed(2, "--checkpoint");
        segment(SHAPES, "--point", "5,5", "--mask-threshold", "NaN").failed(2, "--mask-threshold");
        segment(SHAPES, "--point", "5,5", "--max-hole-area", "-1").failed(2, "--max-hole-area");
        segment(SHAPES, "--point", "5,5", "--no-such-option").failed(2, "--no-such-option");
    }

    @Test
    void devicesThatCannotDoIt() {
        segment(SHAPES, "--point", "5,5", "--precision", "fp16", "--device", "cpu")
                .failed(1, "fp16");
        segment(SHAPES, "--point", "5,5", "--device", "cpu:3").failed(1, "cpu:3");
    }

    @Test
    void pictures() throws IOException {
        segment(folder.resolve("none.png"), "--point", "1,1").failed(1, "none.png", "does not exist");
        segment(folder, "--point", "1,1").failed(1, "holds no pictures");
        segment(folder, "--mask-input", SHAPES).failed(2, "--mask-input goes with one picture");
        segment(write("empty.png", new byte[0]), "--point", "1,1").failed(1, "empty.png", "empty");
        segment(write("text.png", "not a picture".getBytes()), "--point", "1,1").failed(1, "text.png", "not a picture");
        byte[] whole = Files.readAllBytes(SHAPES);
        for (int length : new int[] {20, 100, whole.length / 2, whole.length - 5}) {
            segment(write("cut.png", Arrays.copyOf(whole, length)), "--point", "1,1")
                    .failed(1, "cut.png");
        }
    }

    @Test
    void outputsThatCannotBeWritten() throws IOException {
        Path file = write("file", new byte[1]);
        out = file;
        segment(SHAPES, "--point", "5,5").failed(1, "output folder", "file");
        out = file.resolve("below");
        segment(SHAPES, "--point", "5,5").failed(1, "output folder", "file");
        Path picture = Files.copy(SHAPES, folder.resolve("overlay.png"));
        out = folder;
        segment(picture, "--point", "5,5").failed(1, "overwrite");
    }

    @Test
    void readOnlyOutput() throws IOException {
        Path locked = Files.createDirectory(folder.resolve("locked"));
        assumeTrue(locked.toFile().setWritable(false));
        assumeFalse(Files.isWritable(locked), "the administrator may write everywhere");
        out = locked;
        segment(SHAPES, "--point", "5,5").failed(1, "not writable");
        out = locked.resolve("deeper/still");
        segment(SHAPES, "--point", "5,5").failed(1, "not writable");
        assertTrue(locked.toFile().setWritable(true));
    }

    @Test
    void outputRefusedByTheFileSystem() {
        assumeTrue(Files.isDirectory(Path.of("/proc/self")), "a file system that refuses folders");
        out = Path.of("/proc/sam2j-out");
        segment(SHAPES, "--box", "17,11,118,108").failed(1, "output folder /proc/sam2j-out");
    }

    @Test
    void checkpoints() throws IOException {
        String size = "it looks like SAM 2.1 of another size";
        segment(SHAPES, "--point", "5,5", "--model", "tiny", "--checkpoint", Cli.DEMO_CHECKPOINT)
                .failed(1, "does not fit the model tiny", size);
        Cli.Outcome listed =
                segment(SHAPES, "--point", "5,5", "--model", "tiny", "--debug", "--checkpoint", Cli.DEMO_CHECKPOINT);
        assertEquals(1, listed.code());
        assertTrue(listed.err().contains("wrong shape: "), listed.err());
        assertTrue(listed.err().contains("at dev.sam2j."), "--debug shows the stack trace");

        segment(SHAPES, "--point", "5,5", "--checkpoint", folder.resolve("no.pt"))
                .failed(1, "no.pt");
        segment(SHAPES, "--point", "5,5", "--checkpoint", write("empty.pt", new byte[0]))
                .failed(1, "empty.pt");
        segment(SHAPES, "--point", "5,5", "--checkpoint", SHAPES).failed(1, "shapes.png");
        byte[] whole = Files.readAllBytes(Cli.DEMO_CHECKPOINT);
        segment(SHAPES, "--point", "5,5", "--checkpoint", write("cut.pt", Arrays.copyOf(whole, whole.length / 2)))
                .failed(1, "cut.pt");
    }

    @Test
    void configurations() throws IOException {
        String yaml = Files.readString(Cli.DEMO_YAML);
        Path unknown = write("unknown.yaml", (yaml + "\nbogus_key: 1\n").getBytes());
        segment(SHAPES, "--point", "5,5", "--model", unknown, "--checkpoint", Cli.DEMO_CHECKPOINT)
                .failed(1, "unknown.yaml", "bogus_key");
        Path tagged = write("tag.yaml", "model: !!javax.script.ScriptEngineManager [x]\n".getBytes());
        segment(SHAPES, "--point", "5,5", "--model", tagged, "--checkpoint", Cli.DEMO_CHECKPOINT)
                .failed(1, "tag.yaml");
    }

    @Test
    void offlineSaysWhatToDo() {
        ProxySelector usual = ProxySelector.getDefault();
        ProxySelector.setDefault(new DeadProxy());
        try {
            segment(SHAPES, "--point", "5,5", "--model", "tiny", "--cache", folder)
                    .failed(1, "cannot be downloaded", "--model demo", "--checkpoint");
        } finally {
            ProxySelector.setDefault(usual);
            folder.resolve("sam2.1_hiera_tiny.pt.lock").toFile().delete();
        }
    }

    /** Sends everything to a port where nobody listens. */
    private static final class DeadProxy extends ProxySelector {
        @Override
        public List<Proxy> select(URI uri) {
            return List.of(new Proxy(Proxy.Type.HTTP, new InetSocketAddress("127.0.0.1", 1)));
        }

        @Override
        public void connectFailed(URI uri, SocketAddress address, IOException e) {
            // The client reports it.
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "{}",
                "7",
                "[[1,2,3]]",
                "[[1,2,3,\"x\"]]",
                "[[9,9,1,1]]",
                "[[1,1,1e300,5]]",
                "[[900,900,950,950]]",
                "[{\"bbox\":[1,1,0,5]}]",
                "[{\"bbox\":\"x\"}]",
                "[{}, 5]",
                "{\"annotations\":[5]}",
                "[[1,1,5,5]] trailing"
            })
    void boxFiles(String text) throws IOException {
        segment(SHAPES, "--boxes", write("boxes.json", text.getBytes())).failed(1, "boxes.json");
    }

    @Test
    void deepBoxFile() throws IOException {
        segment(SHAPES, "--boxes", write("deep.json", "[".repeat(100_000).getBytes()))
                .failed(1, "deep.json");
        segment(SHAPES, "--boxes", folder.resolve("none.json")).failed(1, "none.json", "does not exist");
    }

    @Test
    void namesThatAreNoFiles() {
        segment("http://127.0.0.1/a.png", "--point", "1,1")
                .failed(2, "http://127.0.0.1/a.png is an address", "download");
        segment("", "--point", "1,1").failed(2, "empty argument");
        segment(SHAPES, "--mask-input", "-").failed(2, "standard input");
        segment("a\0b", "--point", "1,1").failed(2, "cannot be used");
    }

    @Test
    void maskInputs() throws IOException {
        Path small = Clip.mask(folder.resolve("small.png"), Mask.full(10, 10));
        segment(SHAPES, "--mask-input", small).failed(1, "small.png", "320x240", "10x10", "scale the mask");
        Path turned = Clip.mask(folder.resolve("turned.png"), Mask.full(240, 320));
        segment(SHAPES, "--mask-input", turned).failed(1, "turned.png", "240x320", "EXIF", "--ignore-exif");
        segment(SHAPES, "--mask-input", folder.resolve("none.png")).failed(1, "none.png");
        segment(SHAPES, "--mask-input", write("bad.safetensors", "\20\0\0\0\0\0\0\0{oops".getBytes()))
                .failed(1, "bad.safetensors");
        Path other = folder.resolve("other.safetensors");
        TestFiles.logits(other, "something", 1, 4);
        segment(SHAPES, "--mask-input", other).failed(1, "low_res_logits");
        TestFiles.logits(other, "low_res_logits", 1, 4);
        segment(SHAPES, "--mask-input", other).failed(1, "other.safetensors", "4x4");
        TestFiles.logits(other, "low_res_logits", 2, 4);
        segment(SHAPES, "--mask-input", other).failed(1, "iou");
    }

    @Test
    void aFailureLeavesTheEarlierResult() throws IOException {
        out = folder.resolve("out");
        run("segment", SHAPES, "--box", "17,11,118,108", "--output", out).done();
        TreeSet<String> files = names(out);
        Path file = write("far.json", "[[900,900,950,950],[800,900,950,950]]".getBytes());
        segment(SHAPES, "--boxes", file).failed(1, "number 0", "none of the 2 boxes");
        assertEquals(files, names(out));
        assertEquals(1, json(out.resolve("result.json")).get("masks").size());
    }
}
