package dev.sam2j.weights.file;

import dev.sam2j.common.io.PrintableText;
import dev.sam2j.weights.CheckpointException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Says what a file is that was given for a checkpoint and is none. */
public final class ForeignFile {
    private static final int HEAD = 4096;
    private static final int TAR_MAGIC = 257;
    private static final Pattern LFS_SIZE = Pattern.compile("(?m)^size (\\d{1,18})$");
    private static final Pattern YAML_KEY = Pattern.compile("[a-z_][\\w.]*:(\\s.*)?");

    /** First bytes, one character each. */
    private static final Map<String, String> MAGIC = new LinkedHashMap<>();

    static {
        MAGIC.put("\u0089PNG", "a PNG picture");
        MAGIC.put("\u00ff\u00d8\u00ff", "a JPEG picture");
        MAGIC.put("\u001f\u008b", "compressed by gzip: unpack it first");
        MAGIC.put("\u0028\u00b5\u002f\u00fd", "compressed by zstd: unpack it first");
        MAGIC.put("\u00fd7zXZ", "compressed by xz: unpack it first");
        MAGIC.put("BZh", "compressed by bzip2: unpack it first");
        MAGIC.put("7z\u00bc\u00af", "a 7z archive: unpack it first");
        MAGIC.put("Rar!", "a RAR archive: unpack it first");
        MAGIC.put("GGUF", "a GGUF file, which is not read");
        MAGIC.put("\u0089HDF", "an HDF5 file, which is not read");
        MAGIC.put("\u0093NUMPY", "a numpy array, which is not read");
        MAGIC.put("\u0080", "a Python pickle that torch.save did not write");
    }

    private ForeignFile() {}

    /** What to throw when such a file should be opened. */
    public static CheckpointException failure(InputFile file) {
        byte[] head = file.bytes(0, (int) Math.min(HEAD, file.size()));
        return new CheckpointException(file.path(), describe(head));
    }

    private static String describe(byte[] head) {
        String text = new String(head, StandardCharsets.ISO_8859_1);
        if (text.startsWith("version https://git-lfs.github.com/spec/")) {
            Matcher size = LFS_SIZE.matcher(text);
            return "this is a Git LFS pointer in place of the checkpoint"
                    + (size.find() ? ", which has " + size.group(1) + " bytes" : "")
                    + "; get it with git lfs pull, or download the file itself";
        }
        String start = text.stripLeading().toLowerCase(Locale.ROOT);
        if (start.startsWith("<!doctype html") || start.startsWith("<html")) {
            return "this is a web page, such as a site's login or error page, saved in place of the checkpoint";
        }
        if (text.length() > TAR_MAGIC + 5 && text.startsWith("ustar", TAR_MAGIC)) {
            return "this is a tar archive, unpack it first";
        }
        for (Map.Entry<String, String> magic : MAGIC.entrySet()) {
            if (text.startsWith(magic.getKey())) {
                return "this is not a checkpoint but " + magic.getValue();
            }
        }
        return isText(head) ? describeText(start) : "this is not a checkpoint, neither of torch.save nor safetensors";
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
