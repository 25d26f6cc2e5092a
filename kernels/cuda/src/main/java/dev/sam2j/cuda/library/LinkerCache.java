package dev.sam2j.cuda.library;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/** Reads {@code /etc/ld.so.cache}, glibc's list of the libraries in the folders that it searches. */
final class LinkerCache {
    private static final byte[] MAGIC = "glibc-ld.so.cache1.1".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] OLD_MAGIC = "ld.so-1.7.0".getBytes(StandardCharsets.US_ASCII);
    private static final int OLD_HEADER_BYTES = 16;
    private static final int OLD_ENTRY_BYTES = 12;
    private static final int HEADER_BYTES = 48;
    private static final int ENTRY_BYTES = 24;
    private static final int MOST_BYTES = 1 << 26;

    private LinkerCache() {}

    /**
     * The folders of the libraries whose file name is wanted, in the cache's order; none if the file is missing, in
     * another format or broken.
     */
    static List<String> folders(Path cache, Predicate<String> wanted) {
        try {
            if (!Files.isRegularFile(cache) || Files.size(cache) > MOST_BYTES) {
                return List.of();
            }
            return folders(Files.readAllBytes(cache), wanted);
        } catch (IOException e) {
            return List.of();
        }
    }

    private static List<String> folders(byte[] cache, Predicate<String> wanted) {
        ByteBuffer buffer = ByteBuffer.wrap(cache).order(ByteOrder.nativeOrder());
        int start = start(cache, buffer);
        if (start < 0 || start > cache.length - HEADER_BYTES) {
            return List.of();
        }
        long count = Integer.toUnsignedLong(buffer.getInt(start + 20));
        if (count > (cache.length - start - HEADER_BYTES) / ENTRY_BYTES) {
            return List.of();
        }
        Set<String> folders = new LinkedHashSet<>();
        for (int i = 0; i < count; i++) {
            long value = Integer.toUnsignedLong(buffer.getInt(start + HEADER_BYTES + i * ENTRY_BYTES + 8));
            String path = text(cache, start + value);
            int slash = path.lastIndexOf('/');
            if (slash > 0 && path.startsWith("/") && wanted.test(path.substring(slash + 1))) {
                folders.add(path.substring(0, slash));
            }
        }
        return List.copyOf(folders);
    }

    /** Where the present format begins: at once, or after the entries of the one before it; -1 if nowhere. */
    private static int start(byte[] cache, ByteBuffer buffer) {
        if (startsWith(cache, 0, MAGIC)) {
            return 0;
        }
        if (!startsWith(cache, 0, OLD_MAGIC) || cache.length < OLD_HEADER_BYTES) {
            return -1;
        }
        long entries = Integer.toUnsignedLong(buffer.getInt(12));
        long start = (OLD_HEADER_BYTES + entries * OLD_ENTRY_BYTES + 7) & ~7L;
        return start < cache.length && startsWith(cache, (int) start, MAGIC) ? (int) start : -1;
    }

    private static boolean startsWith(byte[] bytes, int at, byte[] prefix) {
        return at + prefix.length <= bytes.length
                && Arrays.equals(bytes, at, at + prefix.length, prefix, 0, prefix.length);
    }

    private static String text(byte[] bytes, long at) {
        if (at >= bytes.length) {
            return "";
        }
        int end = (int) at;
        while (end < bytes.length && bytes[end] != 0) {
            end++;
        }
        return new String(bytes, (int) at, end - (int) at, StandardCharsets.UTF_8);
    }
}
