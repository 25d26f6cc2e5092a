package dev.sam2j.predictors.image.tiff;

import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.image.pixels.ImageReaders;
import dev.sam2j.predictors.image.pixels.PictureLimits;
import dev.sam2j.predictors.image.pixels.PixelData;
import dev.sam2j.predictors.image.vp8.Vp8Frame;
import java.awt.image.Raster;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;

/** TIFF tiles that other decoders understand: JPEG and WebP pictures. */
final class TiffBlocks {
    private static final int JPEG = 7;
    private static final int WEBP = 50001;

    private TiffBlocks() {}

    /** Whether tiles of a compression are pictures themselves. */
    static boolean isPicture(int compression) {
        return compression == JPEG || compression == WEBP;
    }

    /** The rows of a tile that is a picture. */
    static TiffReader.Rows rows(ByteBuffer tables, ByteBuffer tile, TiffPage page) throws IOException {
        byte[] file = page.compression() == JPEG ? jpeg(tables, tile) : bytes(tile);
        Raster raster = page.compression() == JPEG ? jpegSamples(file, page) : webpSamples(file, page);
        int samples = page.planar() ? 1 : page.samples();
        int[] pixels = new int[raster.getWidth() * raster.getNumBands()];
        int[] row = {0};
        int bands = raster.getNumBands();
        return values -> {
            if (row[0] >= raster.getHeight()) {
                throw new EOFException("pixels are missing");
            }
            raster.getPixels(0, row[0]++, raster.getWidth(), 1, pixels);
            for (int x = 0; x < Math.min(page.tileWidth(), raster.getWidth()); x++) {
                for (int s = 0; s < samples; s++) {
                    values[x * samples + s] = pixels[x * bands + Math.min(s, bands - 1)];
                }
            }
        };
    }

    /** A whole JPEG file: the tables that all tiles share, then the tile's own segments. */
    private static byte[] jpeg(ByteBuffer tables, ByteBuffer tile) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] own = bytes(tile);
        if (tables != null && tables.remaining() > 4) {
            byte[] shared = bytes(tables);
            out.write(shared, 0, shared.length - 2);
            out.write(own, Math.min(2, own.length), Math.max(0, own.length - 2));
        } else {
            out.writeBytes(own);
        }
        return out.toByteArray();
    }

    private static Raster jpegSamples(byte[] file, TiffPage page) throws IOException {
        byte[] bare = whole(PixelData.of(file)).file();
        return ImageReaders.with(bare, "jpeg", reader -> {
            checkSize(reader.getWidth(0), reader.getHeight(0), page);
            return reader.readRaster(0, null);
        });
    }

    private static Raster webpSamples(byte[] file, TiffPage page) throws IOException {
        PixelData pixels = whole(PixelData.of(file));
        if (pixels.isVp8()) {
            int[] size = Vp8Frame.size(pixels.file());
            checkSize(size[0], size[1], page);
            return Picture.of(Vp8Frame.decode(pixels.file())).toBufferedImage().getRaster();
        }
        return ImageReaders.with(pixels.file(), "webp", reader -> {
            checkSize(reader.getWidth(0), reader.getHeight(0), page);
            return Picture.of(reader.read(0)).toBufferedImage().getRaster();
        });
    }

    private static PixelData whole(PixelData pixels) throws IOException {
        if (pixels.truncated()) {
            throw new EOFException("pixels are missing");
        }
        if (pixels.scans() > PictureLimits.FREE_SCANS) {
            throw new IOException("a tile has " + pixels.scans() + " scans");
        }
        return pixels;
    }

    private static void checkSize(int width, int height, TiffPage page) throws IOException {
        if (width > page.tileWidth() + 15 || height > page.tileHeight() + 15) {
            throw new IOException("a tile claims " + width + "x" + height + " pixels");
        }
    }

    static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }
}
