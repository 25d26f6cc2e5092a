package dev.sam2j.predictors.image.tiff;

import dev.sam2j.predictors.image.pixels.ImageReaders;
import dev.sam2j.predictors.image.pixels.UnsupportedPictureException;
import java.awt.image.BufferedImage;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Pages that Java's own TIFF decoder decodes: fax codes (CCITT) and YCbCr whose colours have fewer pixels than its
 * light. It gets a small file of nothing but the page, in which nothing is claimed that was not checked.
 */
final class FaxTiff {
    /** Entries besides those of the tiles: size, samples, colours, order of bits, fax options, YCbCr's. */
    private static final int[] COPIED_TAGS = {
        256, 257, 258, 259, 262, 266, 277, 278, 284, 292, 293, 317, 322, 323, 529, 530, 531, 532
    };

    private static final int SHORT = 3;
    private static final int LONG = 4;
    private static final int RATIONAL = 5;

    private FaxTiff() {}

    static BufferedImage read(TiffFile file, TiffFile.Directory directory, TiffPage page) throws IOException {
        boolean ycbcr = page.photometric() == TiffPage.YCBCR;
        if (page.samples() != (ycbcr ? 3 : 1) || page.bits() != (ycbcr ? 8 : 1) || page.planar()) {
            throw new UnsupportedPictureException(
                    "a TIFF of " + page.samples() + " samples of " + page.bits() + " bits in fax codes or as YCbCr");
        }
        return ImageReaders.with(alone(file, directory, page), "tiff", reader -> reader.read(0));
    }

    private static byte[] alone(TiffFile file, TiffFile.Directory directory, TiffPage page) throws IOException {
        List<ByteBuffer> tiles = new ArrayList<>();
        int tileCount = Math.toIntExact(page.tilesAcross() * page.tilesDown());
        double[] offsets = new double[tileCount];
        double[] lengths = new double[tileCount];
        int at = 8;
        for (int i = 0; i < tileCount; i++) {
            ByteBuffer tile = page.tile(file, i);
            if (tile == null) {
                throw new EOFException("pixels are missing");
            }
            tiles.add(tile);
            offsets[i] = at;
            lengths[i] = tile.remaining();
            at = Math.addExact(at, tile.remaining());
        }
        Map<Integer, double[]> entries = new TreeMap<>();
        for (int tag : COPIED_TAGS) {
            double[] values = file.values(directory, tag);
            if (values.length > 0 && values.length <= 6) {
                entries.put(tag, values);
            }
        }
        boolean tiled = entries.containsKey(322);
        entries.put(tiled ? 324 : 273, offsets);
        entries.put(tiled ? 325 : 279, lengths);
        return write(tiles, at, entries, file.bytes());
    }

    private static byte[] write(
            List<ByteBuffer> tiles, int directory, Map<Integer, double[]> entries, ByteBuffer original) {
        int values = directory + 2 + 12 * entries.size() + 4;
        long size =
                values + entries.values().stream().mapToLong(v -> 8L * v.length).sum();
        ByteBuffer out = ByteBuffer.allocate(Math.toIntExact(size)).order(original.order());
        out.put(original.get(0)).put(original.get(1)).putShort((short) 42).putInt(directory);
        tiles.forEach(out::put);
        out.putShort((short) entries.size());
        for (Map.Entry<Integer, double[]> entry : entries.entrySet()) {
            int tag = entry.getKey();
            double[] numbers = entry.getValue();
            // What is not a whole number must be a fraction: coefficients and reference levels of YCbCr.
            int type = tag == 529 || tag == 532
                    ? RATIONAL
                    : tag == 273 || tag == 279 || tag == 324 || tag == 325 ? LONG : SHORT;
            int unit = type == RATIONAL ? 8 : type == LONG ? 4 : 2;
            out.putShort((short) tag).putShort((short) type).putInt(numbers.length);
            boolean inline = numbers.length * unit <= 4;
            int at = inline ? out.position() : values;
            for (double number : numbers) {
                switch (type) {
                    case SHORT -> out.putShort(at, (short) number);
                    case LONG -> out.putInt(at, (int) number);
                    default -> out.putInt(at, (int) Math.round(number * 10_000)).putInt(at + 4, 10_000);
                }
                at += unit;
            }
            if (inline) {
                out.putInt(out.getInt(out.position()));
            } else {
                out.putInt(values);
                values = at + (at & 1);
            }
        }
        return out.array();
    }
}
