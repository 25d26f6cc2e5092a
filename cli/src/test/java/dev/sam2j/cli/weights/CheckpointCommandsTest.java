package dev.sam2j.cli.weights;

import static dev.sam2j.cli.Cli.DEMO_CHECKPOINT;
import static dev.sam2j.cli.Cli.names;
import static dev.sam2j.cli.Cli.run;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import dev.sam2j.cli.Cli;
import dev.sam2j.cli.terminal.Version;
import dev.sam2j.tensor.DType;
import dev.sam2j.weights.checkpoint.Checkpoints;
import dev.sam2j.weights.safetensors.Safetensors;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands about checkpoint files and the cache. */
class CheckpointCommandsTest {
    private static final long TINY_BYTES = 156008466;

    @TempDir
    private Path folder;

    @Test
    void inspectTellsTheModel() {
        Cli.Outcome outcome = run("inspect", DEMO_CHECKPOINT).done();
        assertTrue(outcome.out().contains("SAM 2.1 of another size"), outcome.out());
        assertTrue(outcome.out().contains("format    torch"), outcome.out());
        assertEquals("", outcome.err());
        assertTrue(run("inspect", DEMO_CHECKPOINT, "--tensors").done().out().contains("no_mem_embed f16 [1, 1, 128]"));
    }

    @Test
    void convertedFilesHoldTheSame() throws IOException {
        Path converted = folder.resolve("demo.safetensors");
        run("convert", DEMO_CHECKPOINT, converted).done();
        assertEquals(Set.of("demo.safetensors"), names(folder));
        JsonNode before = new ObjectMapper()
                .readTree(run("inspect", DEMO_CHECKPOINT, "--json").done().out());
        JsonNode after = new ObjectMapper()
                .readTree(run("inspect", converted, "--json").done().out());
        assertEquals("safetensors", after.get("format").asText());
        assertEquals(before.get("elements"), after.get("elements"));
        assertEquals(before.get("tensors").size(), after.get("tensors").size());
        assertTrue(before.get("tensors").size() > 100);
    }

    @Test
    void convertedToPtAndBackNothingIsLost() throws IOException {
        Path safetensors = folder.resolve("demo.safetensors");
        Path torch = folder.resolve("demo.pt");
        Path again = folder.resolve("again.safetensors");
        run("convert", DEMO_CHECKPOINT, safetensors).done();
        Files.writeString(torch, "an earlier file");
        Cli.Outcome outcome = run("convert", safetensors, torch).done();
        assertTrue(outcome.err().matches("(?s).*\\d+ tensors, .* MB: .*demo.pt\\s+"), outcome.err());
        run("convert", torch, again).done();
        assertEquals(-1, Files.mismatch(safetensors, again));
        assertEquals(Set.of("demo.safetensors", "demo.pt", "again.safetensors"), names(folder));
        String told = run("inspect", torch).done().out();
        assertTrue(told.contains("format    torch"), told);
        run("convert", torch, torch).failed(1, "input and output are the same file");
    }

    /** A checkpoint of the demo's tensors, changed; without all that only videos need if {@code pictures}. */
    private Path changed(boolean pictures, String spoilt) {
        Map<String, Safetensors.Entry> tensors = new LinkedHashMap<>();
        try (Checkpoints.Source source = Checkpoints.open(DEMO_CHECKPOINT)) {
            for (String name : source.names()) {
                if (!pictures || name.matches("(image_encoder|sam_.*coder)\\..*|no_mem_embed")) {
                    float[] values =
                            new float[Math.toIntExact(source.shape(name).elements())];
                    source.read(name, values, 0);
                    if (name.equals(spoilt)) {
                        values[3] = Float.NaN;
                    }
                    tensors.put("model." + name, new Safetensors.Entry(source.shape(name), DType.F32, values));
                }
            }
        }
        Path file = folder.resolve("model.safetensors");
        Safetensors.write(file, tensors, Map.of("note", "red \u001b[31m text"));
        return file;
    }

    @Test
    void weightsForPicturesOnlySegmentButDoNotTrack() throws IOException {
        Path file = changed(true, "");
        String told = run("inspect", folder).done().out();
        assertTrue(told.contains("model     SAM 2 of another size, for pictures only"), told);
        assertTrue(told.contains("note = red \\u001b[31m text"), told);
        run("segment", Cli.SHAPES, "--point", "60,60", "--checkpoint", folder, "-o", folder.resolve("s"))
                .done();
        Path frames = Files.createDirectory(folder.resolve("frames"));
        Files.copy(Cli.SHAPES, frames.resolve("0.png"));
        run("track", frames, "--point", "0,1,60,60", "--checkpoint", file, "-o", folder.resolve("t"))
                .failed(1, "the checkpoint is of a model for pictures only");
    }

    @Test
    void weightsThatAreNoNumbersAreNamedByEveryCommand() throws IOException {
        String layer = "image_encoder.neck.convs.0.conv.weight";
        Path file = changed(false, layer);
        Path frames = Files.createDirectory(folder.resolve("frames"));
        Files.copy(Cli.SHAPES, frames.resolve("0.png"));
        String sentence = "the weights " + layer + " are not finite (not a number at element 3)";
        run("segment", Cli.SHAPES, "--point", "60,60", "--checkpoint", file, "-o", folder.resolve("s"))
                .failed(1, sentence);
        run("auto", Cli.SHAPES, "--checkpoint", file, "-o", folder.resolve("a")).failed(1, sentence);
        Cli.Outcome tracked =
                run("track", frames, "--point", "0,1,60,60", "--checkpoint", file, "-o", folder.resolve("t"));
        assertEquals(1, tracked.code());
        assertTrue(tracked.err().contains(sentence), tracked.err());
    }

    @Test
    void badFiles() throws IOException {
        run("inspect", folder.resolve("none.pt")).failed(1, "none.pt");
        Path text = Files.writeString(folder.resolve("text.pt"), "no checkpoint");
        run("inspect", text).failed(1, "text.pt");
        run("convert", text, folder.resolve("out.safetensors")).failed(1, "text.pt");
        run("convert", text, folder.resolve("out.pt")).failed(1, "text.pt");
        run("convert", DEMO_CHECKPOINT, folder.resolve("out.onnx")).failed(2, ".safetensors or .pt");
        run("convert", DEMO_CHECKPOINT).failed(2, "OUT");
        run("convert", DEMO_CHECKPOINT, folder.resolve("no/such/out.safetensors"))
                .failed(1, "out.safetensors");
        assertEquals(Set.of("text.pt"), names(folder));
    }

    @Test
    void whatIsInTheCacheIsNotDownloadedAgain() throws IOException {
        Path file = folder.resolve("sam2.1_hiera_tiny.pt");
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(TINY_BYTES);
        }
        Cli.Outcome outcome = run("download", "tiny", "--cache", folder, "--base-url", "http://127.0.0.1:1/")
                .done();
        assertEquals(file.toString(), outcome.out().strip());
        assertTrue(run("doctor", "--cache", folder).done().out().contains("tiny"));
    }

    @Test
    void downloadsThatFail() throws IOException {
        run("download", "gigantic").failed(2, "gigantic", "tiny");
        run("download").failed(2, "MODEL");
        run("download", "tiny", "--base-url", "file:///etc/").failed(2, "--base-url");
        run("download", "tiny", "--cache", folder, "--base-url", "http://127.0.0.1:1")
                .failed(1, "cannot be downloaded", "http://127.0.0.1:1/092824/sam2.1_hiera_tiny.pt");
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            exchange.sendResponseHeaders(404, -1);
            exchange.close();
        });
        server.start();
        try {
            String url = "http://127.0.0.1:" + server.getAddress().getPort() + "/mirror";
            run("download", "tiny", "--cache", folder, "--base-url", url).failed(1, "404");
        } finally {
            server.stop(0);
        }
        assertEquals(Set.of("sam2.1_hiera_tiny.pt.lock"), names(folder), "no piece of a checkpoint");
    }

    @Test
    void doctorTellsWhatIsThere() throws IOException {
        Cli.Outcome outcome = run("doctor", "--cache", folder).done();
        assertTrue(outcome.out().contains("jdk.incubator.vector is there"), outcome.out());
        assertTrue(outcome.out().contains("device cpu"), outcome.out());
        assertTrue(outcome.out().contains("vectors, "), outcome.out());
        assertTrue(outcome.out().contains("bf16"), outcome.out());
        assertTrue(outcome.out().contains(folder.toString()), outcome.out());
        assertTrue(outcome.out().contains("no checkpoints"), outcome.out());
        JsonNode report = new ObjectMapper()
                .readTree(run("doctor", "--json", "--cache", folder).done().out());
        assertTrue(report.get("heap_mb").asLong() > 0);
        assertTrue(report.get("memory_mb").asLong() > 0);
        JsonNode bf16 = report.get("cpu_bf16");
        assertEquals(bf16.get("available").asBoolean(), bf16.get("reason") == null, bf16.toString());
        assertEquals(Version.version(), report.get("sam2j").asText());
    }
}
