package dev.sam2j.training.run;

import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.mask.Mask;
import dev.sam2j.predictors.mask.Overlay;
import dev.sam2j.training.objective.Click;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.List;

/** Draws what training and validation see. */
final class Drawing {
    private static final int SIDE = 512;

    private Drawing() {}

    /**
     * A picture with masks and prompts, both of the model's square, in its own proportions and at most 512 pixels long.
     *
     * @param masks at least one
     * @param prompts of objects: a click, or the two corners of a box
     */
    static BufferedImage of(Picture picture, List<Mask> masks, List<List<Click>> prompts) {
        int size = masks.get(0).width();
        Overlay overlay = Overlay.on(Picture.of(scaled(picture.toBufferedImage(), size, size)))
                .masks(masks);
        for (List<Click> prompt : prompts) {
            Click first = prompt.get(0);
            if (prompt.size() == 2) {
                Click last = prompt.get(1);
                overlay.box(first.x(), first.y(), last.x(), last.y());
            } else {
                overlay.point(first.x(), first.y(), first.label() == 1);
            }
        }
        double shrink = Math.min(1, (double) SIDE / Math.max(picture.width(), picture.height()));
        int width = Math.max(1, (int) Math.round(picture.width() * shrink));
        int height = Math.max(1, (int) Math.round(picture.height() * shrink));
        return scaled(overlay.toPicture().toBufferedImage(), width, height);
    }

    private static BufferedImage scaled(BufferedImage image, int width, int height) {
        if (image.getWidth() == width && image.getHeight() == height) {
            return image;
        }
        BufferedImage scaled = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = scaled.createGraphics();
        graphics.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
        graphics.drawImage(image, 0, 0, width, height, null);
        graphics.dispose();
        return scaled;
    }
}
