package dev.sam2j.samples;

import dev.sam2j.samples.Outline.Kind;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.imageio.ImageIO;

/**
 * The sample pictures: procedural scenes of the kind that the demo model was trained on. Rendering uses only exactly
 * specified arithmetic, so that every JDK gives the same pixels.
 */
public final class SampleScenes {

    private static final Map<String, Scene> STILLS = stills();

    private SampleScenes() {}

    private static Map<String, Scene> stills() {
        Map<String, Scene> scenes = new LinkedHashMap<>();
        scenes.put("shapes", Scene.random(6, 320, 240, List.of(Kind.BLOB, Kind.BOX, Kind.STAR), 3));
        scenes.put("gears", Scene.random(8, 480, 360, List.of(Kind.GEAR, Kind.GEAR, Kind.ELLIPSE, Kind.POLYGON), 0));
        scenes.put(
                "crowd",
                Scene.random(
                        7,
                        400,
                        300,
                        List.of(Kind.ELLIPSE, Kind.BLOB, Kind.POLYGON, Kind.BOX, Kind.STAR, Kind.GEAR),
                        1));
        return scenes;
    }

    /** Returns the names of the sample pictures, without {@code .png}. */
    public static List<String> names() {
        return List.copyOf(STILLS.keySet());
    }

    /**
     * Renders a sample picture with the truth about its objects.
     *
     * @throws IllegalArgumentException if there is no such picture
     */
    public static Frame still(String name) {
        if (!STILLS.containsKey(name)) {
            throw new IllegalArgumentException("no sample named " + name + ", known are " + names());
        }
        return Renderer.render(STILLS.get(name), 0);
    }

    /**
     * Renders a sequence in which the objects move, turn and grow steadily, for tracking.
     *
     * @param seed the scene's number
     * @param width pixels
     * @param height pixels
     * @param objects number of objects, at least 1
     * @param frames number of frames
     */
    public static List<Frame> sequence(long seed, int width, int height, int objects, int frames) {
        List<Kind> kinds = new ArrayList<>();
        for (int i = 0; i < objects; i++) {
            kinds.add(Kind.values()[i % Kind.values().length]);
        }
        Scene scene = Scene.random(seed, width, height, kinds, 2);
        List<Frame> rendered = new ArrayList<>();
        for (int i = 0; i < frames; i++) {
            rendered.add(Renderer.render(scene, i));
        }
        return rendered;
    }

    /** Returns the text of {@code samples/README.md}: what is in each picture and where to click. */
    public static String readme() {
        StringBuilder text = new StringBuilder(
                String.format(Locale.ROOT, """
                # Sample pictures

                Procedural scenes of our own making, of the kind that the demo model was trained on. The command
                `samples/regenerate` makes the pictures and this page anew, the same to the pixel. Objects are listed
                back to front. The point is the one deepest inside the object, x,y; the box, x0,y0,x1,y1, is tight
                around what is seen of it.

                    ./sam2j segment samples/shapes.png --model demo --point %s --output out
                """, join(still("shapes").innermost(0))));
        for (String name : names()) {
            Frame frame = still(name);
            BufferedImage image = frame.image();
            text.append("\n## ")
                    .append(name)
                    .append(".png (")
                    .append(image.getWidth())
                    .append("x")
                    .append(image.getHeight())
                    .append(")\n\n| object | --point | --box |\n|---|---|---|\n");
            for (int i = 0; i < frame.names().size(); i++) {
                text.append("| ")
                        .append(frame.names().get(i))
                        .append(" | ")
                        .append(join(frame.innermost(i)))
                        .append(" | ")
                        .append(join(frame.box(i)))
                        .append(" |\n");
            }
        }
        return text.toString();
    }

    private static String join(int[] numbers) {
        StringBuilder text = new StringBuilder();
        for (int number : numbers) {
            text.append(text.isEmpty() ? "" : ",").append(number);
        }
        return text.toString();
    }

    /**
     * Writes the sample pictures and their README.
     *
     * @param args the folder
     * @throws IOException if it cannot be written
     */
    public static void main(String[] args) throws IOException {
        if (args.length != 1) {
            System.err.println("usage: SampleScenes FOLDER");
            System.exit(2);
        }
        Path folder = Files.createDirectories(Path.of(args[0]));
        for (String name : names()) {
            Path file = folder.resolve(name + ".png");
            if (!ImageIO.write(still(name).image(), "png", file.toFile())) {
                throw new IOException("this JDK cannot write PNG");
            }
            System.err.println(file + " " + Files.size(file) + " bytes");
        }
        Files.writeString(folder.resolve("README.md"), readme());
    }
}
