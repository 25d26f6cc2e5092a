package dev.sam2j.predictors.image.tiff;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.Deflater;

/** Little-endian TIFF files of one directory, entry by entry. */
public final class TestTiff {
    private final Map<Integer, long[]> entries = new TreeMap<>();
    private final byte[] data;

    /** An 8-bit grey picture of one strip of data, which start at byte 8. */
    public TestTiff(int width, int height, byte[] data) {
        this.data = data;
        set(256, width).set(257, height).set(258, 8).set(259, 1).set(262, 1);
        set(273, 8).set(277, 1).set(278, height).set(279, data.length);
    }

    public TestTiff set(int tag, long... values) {
        entries.put(tag, values);
        return this;
    }

    /** Tiles in place of strips, all of the same data. */
    public TestTiff tiles(int width, int height, int count) {
        entries.keySet().removeAll(List.of(273, 278, 279));
        return set(322, width).set(323, height).set(324, repeated(8, count)).set(325, repeated(data.length, count));
    }

    public static long[] repeated(long value, int count) {
        long[] values = new long[count];
        Arrays.fill(values, value);
        return values;
    }

    public byte[] bytes() {
        int directory = 8 + data.length;
        int values = directory + 2 + 12 * entries.size() + 4;
        int size =
                values + entries.values().stream().mapToInt(v -> 4 * v.length).sum();
        ByteBuffer out = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        out.put((byte) 'I')
                .put((byte) 'I')
                .putShort((short) 42)
                .putInt(directory)
                .put(data);
        out.putShort((short) entries.size());
        for (Map.Entry<Integer, long[]> entry : entries.entrySet()) {
            long[] numbers = entry.getValue();
            out.putShort((short) (int) entry.getKey()).putShort((short) 4).putInt(numbers.length);
            int at = numbers.length == 1 ? out.position() : values;
            for (int i = 0; i < numbers.length; i++) {
                out.putInt(at + 4 * i, (int) numbers[i]);
            }
            out.putInt(numbers.length == 1 ? (int) numbers[0] : values);
            values += numbers.length == 1 ? 0 : 4 * numbers.length;
        }
        return out.array();
    }

    public static byte[] deflated(byte[] bytes) {
        Deflater deflater = new Deflater();
        deflater.setInput(bytes);
        deflater.finish();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] buffer = new byte[8192];
        while (!deflater.finished()) {
            out.write(buffer, 0, deflater.deflate(buffer));
        }
        deflater.end();
        return out.toByteArray();
    }
}
