package drawn;

import dev.sam2j.predictors.ImagePredictor;
import dev.sam2j.predictors.Prompt;
import dev.sam2j.predictors.Sam2Model;
import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.mask.Mask;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;

/** Draws a disc, clicks on it and prints how well the mask covers it. */
public final class Main {
    private static final Color DISC = new Color(220, 120, 40);
    private static final int SIZE = 256;
    private static final int CENTRE = 120;
    private static final int RADIUS = 50;

    public static void main(String[] args) {
        BufferedImage image = new BufferedImage(SIZE, SIZE, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(new Color(40, 70, 50));
        graphics.fillRect(0, 0, SIZE, SIZE);
        graphics.setColor(DISC);
        graphics.fillOval(CENTRE - RADIUS, CENTRE - RADIUS, 2 * RADIUS, 2 * RADIUS);
        graphics.dispose();
        byte[] disc = new byte[SIZE * SIZE];
        for (int i = 0; i < disc.length; i++) {
            disc[i] = (byte) (image.getRGB(i % SIZE, i / SIZE) == DISC.getRGB() ? 1 : 0);
        }
        try (Sam2Model model = Sam2Model.builder().model("demo").device(args[0]).build();
                ImagePredictor predictor = model.imagePredictor()) {
            predictor.setImage(Picture.of(image));
            Mask mask = predictor.predict(Prompt.point(CENTRE, CENTRE)).best().mask();
            System.out.println("iou " + mask.iou(Mask.ofBytes(SIZE, SIZE, disc)));
        }
    }
}
