package dev.sam2j.weights;

import java.nio.ByteOrder;

/** What a file is, judged by its first bytes. */
enum FileFormat {
    TORCH,
    TORCH_LEGACY,
    SAFETENSORS,
    UNKNOWN;

    private static final int ZIP_ENTRY = 0x04034b50;
    private static final int ZIP_END = 0x06054b50;

    static FileFormat of(MappedFile file) {
        byte[] head = file.bytes(0, (int) Math.min(16, file.size()));
        int first =
                head.length < 4 ? 0 : file.range(0, 4, ByteOrder.LITTLE_ENDIAN).getInt();
        if (first == ZIP_ENTRY || first == ZIP_END) {
            return TORCH;
        }
        boolean pickle = head.length > 1 && head[0] == (byte) 0x80 && head[1] >= 2 && head[1] <= 5;
        boolean safetensors = head.length > 8 && head[8] == '{';
        if (safetensors) {
            return SAFETENSORS;
        }
        return pickle ? TORCH_LEGACY : UNKNOWN;
    }

    /** Throws unless the file is of this format; the message says what it is instead. */
    void check(MappedFile file) {
        FileFormat found = of(file);
        if (found == this) {
            return;
        }
        throw new CheckpointException(
                file.path(),
                switch (found) {
                    case TORCH_LEGACY ->
                        "this file is in the format of torch before 1.6, load it in Python and torch.save it again";
                    case TORCH -> "this is a zip archive, not a safetensors file";
                    case SAFETENSORS -> "this is a safetensors file, not a zip archive of torch.save";
                    case UNKNOWN ->
                        "this is not a checkpoint, neither a zip archive of torch.save nor a safetensors file";
                });
    }
}
