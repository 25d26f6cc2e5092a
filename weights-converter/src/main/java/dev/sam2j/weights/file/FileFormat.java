package dev.sam2j.weights.file;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.IntStream;

/** What a file is, judged by its first bytes. */
public enum FileFormat {
    TORCH,
    TORCH_LEGACY,
    SAFETENSORS,
    UNKNOWN;

    private static final int HEAD = 32;
    private static final int ZIP_ENTRY = 0x04034b50;
    private static final int ZIP_END = 0x06054b50;

    /** The number that {@code torch.save} began files with before torch 1.6. */
    private static final byte[] LEGACY = HexFormat.of().parseHex("8a0a6cfc9c46f9206aa850192e");

    private static final int PROTOCOL_OPCODE = 2;

    /** Judges a file. */
    public static FileFormat of(InputFile file) {
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
        return isLegacy(head) ? TORCH_LEGACY : UNKNOWN;
    }

    /** Whether a pickle of the legacy number begins here; a frame's length may come before the magic number. */
    private static boolean isLegacy(byte[] head) {
        return IntStream.of(PROTOCOL_OPCODE, PROTOCOL_OPCODE + 1 + Long.BYTES)
                .anyMatch(at -> head.length >= at + LEGACY.length
                        && head[0] == (byte) 0x80
                        && Arrays.equals(head, at, at + LEGACY.length, LEGACY, 0, LEGACY.length));
    }
}
