package dev.sam2j.samples;

import java.util.List;

/**
 * A textured shape with smaller parts on it, under a steady motion. Position and radius are in pixels, angles in
 * radians, rates per frame.
 *
 * @param name what the object is called in tables
 * @param outline the shape in its own coordinates
 * @param texture surface in the same coordinates
 * @param parts shapes painted on this one, in its coordinates; they belong to the object and are cut at its border
 * @param centreX centre at frame 0
 * @param centreY centre at frame 0
 * @param radius length of the unit of the own coordinates
 * @param aspect height over width
 * @param angle rotation at frame 0
 * @param speedX pixels per frame
 * @param speedY pixels per frame
 * @param spin rotation per frame
 * @param growth factor of the radius per frame
 */
record SceneObject(
        String name,
        Outline outline,
        Texture texture,
        List<SceneObject> parts,
        double centreX,
        double centreY,
        double radius,
        double aspect,
        double angle,
        double speedX,
        double speedY,
        double spin,
        double growth) {

    /** Returns the transform from pixels to own coordinates: {u = m0 x + m1 y + m2, v = m3 x + m4 y + m5}. */
    double[] toOwn(int frame) {
        double turned = angle + spin * frame;
        double size = radius * StrictMath.pow(growth, frame);
        double cos = StrictMath.cos(turned) / size;
        double sin = StrictMath.sin(turned) / size;
        double x = centreX + speedX * frame;
        double y = centreY + speedY * frame;
        return new double[] {cos, sin, -cos * x - sin * y, -sin / aspect, cos / aspect, (sin * x - cos * y) / aspect};
    }
}
