package dev.sam2j.training.data.formats;

import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.image.ReadOptions;
import dev.sam2j.predictors.mask.CocoRle;
import dev.sam2j.predictors.mask.Mask;
import dev.sam2j.predictors.mask.coco.PolygonFill;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** The pixels of an object in a compact form. */
interface Outline {
    /**
     * The mask in a picture of this size.
     *
     * @throws IllegalArgumentException if it is broken or of another size; the message goes on after the object's name
     */
    Mask fill(int width, int height);

    /** About how many bytes it takes in memory. */
    long bytes();

    /** Polygons, as {@link PolygonFill} takes them. */
    record Rings(int[]... rings) implements Outline {
        @Override
        public Mask fill(int width, int height) {
            return PolygonFill.union(width, height, rings);
        }

        @Override
        public long bytes() {
            return 32
                    + Arrays.stream(rings)
                            .mapToLong(ring -> 24 + 4L * ring.length)
                            .sum();
        }
    }

    /** A polygon in shares of the picture's sides. */
    record Shares(double[] corners) implements Outline {
        @Override
        public Mask fill(int width, int height) {
            int[] ring = new int[corners.length];
            for (int i = 0; i < ring.length; i++) {
                ring[i] = PolygonFill.fifths(corners[i] * (i % 2 == 0 ? width : height));
            }
            return PolygonFill.union(width, height, ring);
        }

        @Override
        public long bytes() {
            return 40 + 8L * corners.length;
        }
    }

    /** Run lengths of COCO, compressed. */
    record Runs(int columns, int rows, byte[] text) implements Outline {
        static Runs of(CocoRle rle) {
            return new Runs(rle.width(), rle.height(), rle.toCompressed().getBytes(StandardCharsets.ISO_8859_1));
        }

        @Override
        public Mask fill(int width, int height) {
            if (columns != width || rows != height) {
                throw new IllegalArgumentException("its run lengths are those of " + columns + "x" + rows
                        + " pixels, the picture has " + width + "x" + height);
            }
            return CocoRle.ofCompressed(columns, rows, new String(text, StandardCharsets.ISO_8859_1))
                    .toMask();
        }

        @Override
        public long bytes() {
            return 48L + text.length;
        }
    }

    /** Pixels whose middle is within a distance from a point. */
    record Disc(double x, double y, double radius) implements Outline {
        @Override
        public Mask fill(int width, int height) {
            Mask disc = Mask.empty(width, height);
            int top = (int) Math.max(0, y - radius - 1);
            int bottom = (int) Math.min(height - 1, y + radius + 1);
            long[] bits = disc.toBits();
            for (int row = top; row <= bottom; row++) {
                double half = Math.sqrt(radius * radius - (row + 0.5 - y) * (row + 0.5 - y)); // NaN outside
                int left = (int) Math.max(0, Math.ceil(x - half - 0.5));
                int right = (int) Math.min(width - 1, Math.floor(x + half - 0.5));
                for (int column = left; column <= right && half >= 0; column++) {
                    int pixel = row * width + column;
                    bits[pixel >> 6] |= 1L << pixel;
                }
            }
            return Mask.owning(width, height, bits);
        }

        @Override
        public long bytes() {
            return 40;
        }
    }

    /** A picture of the object's box, not black where the object is. */
    record Stamp(byte[] png, int x, int y) implements Outline {
        @Override
        public Mask fill(int width, int height) {
            ReadOptions limits = ReadOptions.DEFAULT.withMaxPixels((long) width * height);
            Picture picture = Picture.read(new ByteArrayInputStream(png), "the mask", limits);
            if (x < 0 || y < 0 || x > width - picture.width() || y > height - picture.height()) {
                throw new IllegalArgumentException("its mask of " + picture.width() + "x" + picture.height()
                        + " pixels at (" + x + ", " + y + ") reaches out of the picture of " + width + "x" + height);
            }
            byte[] rgb = picture.rgb();
            byte[] inside = new byte[rgb.length / 3];
            for (int i = 0; i < inside.length; i++) {
                inside[i] = (byte) (rgb[3 * i] | rgb[3 * i + 1] | rgb[3 * i + 2]);
            }
            return Mask.ofBytes(picture.width(), picture.height(), inside).placedAt(x, y, width, height);
        }

        @Override
        public long bytes() {
            return 48L + png.length;
        }
    }

    /** All pixels of several outlines: the parts of an object that something else covers. */
    record Union(List<Outline> parts) implements Outline {
        @Override
        public Mask fill(int width, int height) {
            Mask union = parts.get(0).fill(width, height);
            for (Outline part : parts.subList(1, parts.size())) {
                union = union.or(part.fill(width, height));
            }
            return union;
        }

        @Override
        public long bytes() {
            return 40 + parts.stream().mapToLong(Outline::bytes).sum();
        }
    }
}
