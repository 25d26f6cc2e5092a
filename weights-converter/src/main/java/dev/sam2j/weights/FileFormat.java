package dev.sam2j.weights;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** What a file is, judged by its first bytes. */
enum FileFormat {
    TORCH,
    TORCH_LEGACY,
    SAFETENSORS,
    UNKNOWN;

    private static final int HEAD = 32;
    private static final int ZIP_ENTRY = 0x04034b50;
    private static final int ZIP_END = 0x06054b50;

    static FileFormat of(InputFile file) {
        byte[] head = file.bytes(0, (int) Math.min(HEAD, file.size()));
        int first = head.length < 4
                ? 0
                : ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN).getInt();
        if (first == ZIP_ENTRY || first == ZIP_END) {
            return TORCH;
        }
        if (head.length > 8 && head[8] == '{') {
            return SAFETENSORS;
        }
        return LegacyTorchFile.begins(head) ? TORCH_LEGACY : UNKNOWN;
    }
}
