package dev.sam2j.weights.file;

import dev.sam2j.common.io.FileSignature;
import dev.sam2j.common.io.PrintableText;
import dev.sam2j.weights.CheckpointException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Says what a file is that was given for a checkpoint and is none. */
public final class ForeignFile {
    private static final int HEAD = 4096;
    private static final Pattern LFS_SIZE = Pattern.compile("(?m)^size (\\d{1,18})$");
    private static final Pattern YAML_KEY = Pattern.compile("[a-z_][\\w.]*:(\\s.*)?");

    private ForeignFile() {}

    /** What to throw when such a file should be opened. */
    public static CheckpointException failure(InputFile file) {
        byte[] head = file.bytes(0, (int) Math.min(HEAD, file.size()));
        return new CheckpointException(file.path(), describe(head));
    }

    private static String describe(byte[] head) {
        String other = "this is not a checkpoint but ";
        String unpack = ": unpack it first";
        return switch (FileSignature.of(head)) {
            case LFS_POINTER -> {
                Matcher size = LFS_SIZE.matcher(new String(head, StandardCharsets.ISO_8859_1));
                yield "this is a Git LFS pointer in place of the checkpoint"
                        + (size.find() ? ", which has " + size.group(1) + " bytes" : "")
                        + "; get it with git lfs pull, or download the file itself";
            }
            case WEB_PAGE ->
                "this is a web page, such as a site's login or error page, saved in place of the checkpoint";
            case TAR -> "this is a tar archive, unpack it first";
            case PNG -> other + "a PNG picture";
            case JPEG -> other + "a JPEG picture";
            case GZIP -> other + "compressed by gzip" + unpack;
            case ZSTD -> other + "compressed by zstd" + unpack;
            case XZ -> other + "compressed by xz" + unpack;
            case BZIP2 -> other + "compressed by bzip2" + unpack;
            case SEVEN_ZIP -> other + "a 7z archive" + unpack;
            case RAR -> other + "a RAR archive" + unpack;
            case GGUF -> other + "a GGUF file, which is not read";
            case HDF5 -> other + "an HDF5 file, which is not read";
            case NUMPY -> other + "a numpy array, which is not read";
            case PICKLE -> other + "a Python pickle that torch.save did not write";
            default ->
                isText(head)
                        ? describeText(new String(head, StandardCharsets.ISO_8859_1)
                                .stripLeading()
                                .toLowerCase(Locale.ROOT))
                        : "this is not a checkpoint, neither of torch.save nor safetensors";
        };
    }

    private static String describeText(String start) {
        if (start.startsWith("{")) {
            return "this is JSON, not a checkpoint; of a checkpoint in several files, name the folder or the index "
                    + "*.safetensors.index.json";
        }
        if (start.startsWith("<?xml") || start.startsWith("<")) {
            return "this is XML, such as a server's error, not a checkpoint";
        }
        if (start.lines().anyMatch(line -> YAML_KEY.matcher(line).matches())) {
            return "this is a configuration in YAML, not a checkpoint; the weights that go with it are a .pt or "
                    + ".safetensors file";
        }
        String line = start.lines().findFirst().orElse("");
        return "this is not a checkpoint but text that begins '" + PrintableText.shortened(line) + "'";
    }

    private static boolean isText(byte[] head) {
        String text = new String(head, StandardCharsets.UTF_8);
        return text.codePoints().allMatch(c -> c >= ' ' || c == '\n' || c == '\r' || c == '\t')
                && text.codePoints().filter(c -> c == 0xfffd).count() <= 1; // the head may end within a character
    }
}
