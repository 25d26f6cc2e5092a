package dev.sam2j.predictors.mask;

import java.util.List;

/**
 * One piece of a mask: pixels that touch by sides. Corners are pixel corners, so pixel (x, y) is the square from (x,
 * y) to (x+1, y+1), and filling the outer ring less the holes gives back exactly the pixels of the piece. Outer rings
 * run clockwise as seen on the screen, holes anticlockwise; the last corner joins the first, which is not repeated.
 *
 * @param outer the outline
 * @param holes outlines of what is missing inside
 */
public record Polygon(Ring outer, List<Ring> holes) {
    /** Makes the list immutable. */
    public Polygon {
        holes = List.copyOf(holes);
    }

    /** Number of pixels of the piece. */
    public long area() {
        return outer.signedArea() + holes.stream().mapToLong(Ring::signedArea).sum();
    }
}
