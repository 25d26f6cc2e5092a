package dev.sam2j.weights.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.weights.CheckpointException;
import dev.sam2j.weights.torch.RawZip;
import dev.sam2j.weights.torch.TorchFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each thing that people give for a checkpoint is called what it is. */
class ForeignFileTest {
    @TempDir
    Path folder;

    private void says(String content, String sentence) throws IOException {
        Path path = Files.write(folder.resolve("file.pt"), content.getBytes(StandardCharsets.ISO_8859_1));
        assertEquals(path + ": " + sentence, message(path));
    }

    private static String message(Path path) {
        return assertThrows(CheckpointException.class, () -> Checkpoints.open(path))
                .getMessage();
    }

    @Test
    void textInPlaceOfACheckpoint() throws IOException {
        says(
                "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 155906050\n",
                "this is a Git LFS pointer in place of the checkpoint, which has 155906050 bytes; get it with git lfs "
                        + "pull, or download the file itself");
        String page = "this is a web page, such as a site's login or error page, saved in place of the checkpoint";
        says("\n<!DOCTYPE html>\n<html><body>404", page);
        says("<HTML>", page);
        says("<?xml version=\"1.0\"?><Error/>", "this is XML, such as a server's error, not a checkpoint");
        says(
                "# @package _global_\n\nscratch:\n  resolution: 1024\ntrainer:\n  x: 1\n",
                "this is a configuration in YAML, not a checkpoint; the weights that go with it are a .pt or "
                        + ".safetensors file");
        says(
                "{\"a\": 1}",
                "this is JSON, not a checkpoint; of a checkpoint in several files, name the folder or the index "
                        + "*.safetensors.index.json");
        says("not found", "this is not a checkpoint but text that begins 'not found'");
    }

    @Test
    void otherFormats() throws IOException {
        says("\u0089PNG\r\n\u001a\n....", "this is not a checkpoint but a PNG picture");
        says("\u001f\u008b\b\0....", "this is not a checkpoint but compressed by gzip: unpack it first");
        says("\u0080\u0004K\u0001.", "this is not a checkpoint but a Python pickle that torch.save did not write");
        says("x".repeat(257) + "ustar  \0", "this is a tar archive, unpack it first");
        says("\u0001\u0002\u0003", "this is not a checkpoint, neither of torch.save nor safetensors");
    }

    @Test
    void archivesOfNumpy() throws IOException {
        RawZip zip = new RawZip();
        zip.add("w.npy", new byte[3]);
        Path path = zip.write(folder.resolve("weights.npz"));
        assertEquals(path + ": this is an archive of numpy arrays (.npz), which is not read", message(path));
    }

    @Test
    void programsOfTorchScript() throws IOException {
        Path script = TorchFiles.resource("script.pt", folder);
        assertEquals(
                script + ": this is a TorchScript archive, a program with its weights; in Python, save "
                        + "torch.jit.load(file).state_dict() with torch.save",
                message(script));
    }

    @Test
    void namesThatAreNoFiles() {
        assertTrue(message(Path.of("")).endsWith("the name of the checkpoint is empty"));
        assertTrue(message(Path.of("http://127.0.0.1/model.pt"))
                .endsWith("this is an address on the network, download the file first"));
        assertTrue(message(folder.resolve("none.pt")).endsWith("no such file"));
        assertTrue(message(Path.of("/dev/null")).endsWith("checkpoints are read from files only"));
    }
}
