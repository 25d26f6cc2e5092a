package dev.sam2j.predictors.mask;

import dev.sam2j.predictors.mask.regions.Bits;
import dev.sam2j.predictors.mask.regions.ConnectedComponents;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * One piece of a mask: pixels that touch by sides. Corners are pixel corners, so pixel (x, y) is the square from (x,
 * y) to (x+1, y+1), and filling the outer ring less the holes gives back exactly the pixels of the piece. Outer rings
 * run clockwise as seen on the screen, holes anticlockwise; the last corner joins the first, which is not repeated.
 *
 * @param outer the outline
 * @param holes outlines of what is missing inside
 */
public record Polygon(Ring outer, List<Ring> holes) {
    /** Steps east, south, west, north, in the order of right turns. */
    private static final int[] DX = {1, 0, -1, 0};

    private static final int[] DY = {0, 1, 0, -1};
    /** Pixel to the right of the corner ahead, for each direction, relative to that corner. */
    private static final int[] RIGHT_X = {0, -1, -1, 0};

    private static final int[] RIGHT_Y = {0, 0, -1, -1};

    /** Makes the list immutable. */
    public Polygon {
        holes = List.copyOf(holes);
    }

    /** Number of pixels of the piece. */
    public long area() {
        return outer.signedArea() + holes.stream().mapToLong(Ring::signedArea).sum();
    }

    /** A closed line of horizontal and vertical edges between pixels, given by its corners. */
    public static final class Ring {
        private final int[] corners;

        /** Takes over an array of x, y, x, y, ... */
        Ring(int[] corners) {
            this.corners = corners;
        }

        /** Number of corners, at least 4. */
        public int size() {
            return corners.length / 2;
        }

        /** Column boundary of corner {@code i}: 0 is the left side of the picture. */
        public int x(int i) {
            return corners[2 * i];
        }

        /** Row boundary of corner {@code i}: 0 is the upper side of the picture. */
        public int y(int i) {
            return corners[2 * i + 1];
        }

        /** A copy of the corners as x, y, x, y, ..., the form of COCO's polygons. */
        public int[] toXy() {
            return corners.clone();
        }

        /** Enclosed pixels: positive for an outer ring, negative for a hole. */
        public long signedArea() {
            long doubled = 0;
            int previous = size() - 1;
            for (int i = 0; i < size(); i++) {
                doubled += (long) x(previous) * y(i) - (long) x(i) * y(previous);
                previous = i;
            }
            return doubled / 2;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Ring ring && Arrays.equals(corners, ring.corners);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(corners);
        }

        @Override
        public String toString() {
            return "Ring" + Arrays.toString(corners);
        }
    }

    /** The pieces of a mask in raster order of their first pixels; an empty mask has none. */
    public static List<Polygon> of(Mask mask) {
        ConnectedComponents pieces = ConnectedComponents.ofSides(mask);
        Ring[] outers = new Ring[pieces.count()];
        List<List<Ring>> holes =
                Stream.<List<Ring>>generate(ArrayList::new).limit(outers.length).toList();
        int width = mask.width();
        long[] bits = mask.bits();
        long[] followed = new long[bits.length]; // pixels whose upper side is part of a ring
        PixelBox box = mask.boundingBox();
        for (int y = box.yMin(); y <= box.yMax(); y++) {
            for (int x = box.xMin() & ~63; x <= box.xMax(); x += 64) {
                int count = Math.min(64, width - x);
                long tops = Bits.extract(bits, y * width + x, count);
                if (y > 0) {
                    tops &= ~Bits.extract(bits, (y - 1) * width + x, count);
                }
                for (; tops != 0; tops &= tops - 1) {
                    int column = x + Long.numberOfTrailingZeros(tops);
                    int i = y * width + column;
                    if ((followed[i >> 6] >>> i & 1) != 0) {
                        continue;
                    }
                    Ring ring = follow(mask, column, y, followed);
                    int piece = pieces.at(column, y);
                    if (ring.signedArea() > 0) {
                        outers[piece] = ring;
                    } else {
                        holes.get(piece).add(ring);
                    }
                }
            }
        }
        return IntStream.range(0, outers.length)
                .mapToObj(i -> new Polygon(outers[i], holes.get(i)))
                .toList();
    }

    /** Walks from the upper side of pixel (startX, startY) eastwards with the mask on the right hand. */
    private static Ring follow(Mask mask, int startX, int startY, long[] followed) {
        int[] corners = new int[16];
        int size = 0;
        int x = startX;
        int y = startY;
        int direction = 0;
        do {
            if (direction == 0) {
                int i = y * mask.width() + x;
                followed[i >> 6] |= 1L << i;
            }
            x += DX[direction];
            y += DY[direction];
            int left = (direction + 3) & 3;
            int turned = direction;
            if (!set(mask, x + RIGHT_X[direction], y + RIGHT_Y[direction])) {
                turned = (direction + 1) & 3;
            } else if (set(mask, x + RIGHT_X[left], y + RIGHT_Y[left])) {
                turned = left;
            }
            if (turned != direction) {
                if (size == corners.length) {
                    corners = Arrays.copyOf(corners, 2 * size);
                }
                corners[size++] = x;
                corners[size++] = y;
                direction = turned;
            }
        } while (x != startX || y != startY || direction != 0);
        return new Ring(Arrays.copyOf(corners, size));
    }

    private static boolean set(Mask mask, int x, int y) {
        return x >= 0 && y >= 0 && x < mask.width() && y < mask.height() && mask.get(x, y);
    }

    /**
     * The pixels inside an odd number of rings.
     *
     * @throws IllegalArgumentException if a corner lies outside the picture or an edge is neither horizontal nor
     *     vertical
     */
    public static Mask toMask(int width, int height, List<Polygon> polygons) {
        Mask.empty(width, height); // refuses impossible sizes
        long[] bits = new long[Bits.words(width * height)];
        for (Polygon polygon : polygons) {
            toggleBelow(polygon.outer(), width, height, bits);
            polygon.holes().forEach(hole -> toggleBelow(hole, width, height, bits));
        }
        Bits.accumulateRows(bits, width, height);
        return Mask.owning(width, height, bits);
    }

    /** Flips the first row under every horizontal edge; summed down the rows that is the inside. */
    private static void toggleBelow(Ring ring, int width, int height, long[] bits) {
        int previous = ring.size() - 1;
        for (int i = 0; i < ring.size(); i++) {
            int x0 = ring.x(previous);
            int x1 = ring.x(i);
            int y = ring.y(i);
            if (Math.min(x1, y) < 0 || x1 > width || y > height || x0 != x1 && ring.y(previous) != y) {
                throw new IllegalArgumentException("polygon: corner (" + x1 + ", " + y + ") does not fit " + width + "x"
                        + height + " or ends a slanted edge");
            }
            if (y < height && x0 != x1) {
                Bits.flip(bits, y * width + Math.min(x0, x1), y * width + Math.max(x0, x1));
            }
            previous = i;
        }
    }
}
