package dev.sam2j.predictors.video;

import dev.sam2j.predictors.Sam2Model;
import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.mask.Mask;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A drawn video: a red disc moves right, a green box left, a blue disc down, over a faint pattern. */
class Clip implements FrameSource {
    static final int WIDTH = 160;
    static final int HEIGHT = 120;
    static final int DISC = 1;
    static final int BOX = 2;
    static final int BALL = 3;
    private static final int PERIOD = 24;
    private static final int[] COLOURS = {0, 0xD03020, 0x20A040, 0x3050D0};

    private final int frames;
    private int reads;
    private boolean closed;

    Clip(int frames) {
        this.frames = frames;
    }

    static Sam2Model demo() {
        return Sam2Model.builder().model("demo").device("cpu").build();
    }

    /** Horizontal place of an object: to and fro. */
    static int x(int object, int frame) {
        int swing = Math.abs(frame % (2 * PERIOD) - PERIOD);
        switch (object) {
            case DISC:
                return 40 + 3 * (PERIOD - swing);
            case BOX:
                return 120 - 2 * (PERIOD - swing);
            default:
                return 30;
        }
    }

    /** Vertical place of an object. */
    static int y(int object, int frame) {
        int swing = Math.abs(frame % (2 * PERIOD) - PERIOD);
        switch (object) {
            case DISC:
                return 30;
            case BOX:
                return 85;
            default:
                return 70 + (PERIOD - swing);
        }
    }

    private static boolean covers(int object, int frame, int x, int y) {
        int dx = x - x(object, frame);
        int dy = y - y(object, frame);
        return object == BOX ? Math.abs(dx) <= 18 && Math.abs(dy) <= 14 : dx * dx + dy * dy <= 16 * 16;
    }

    /** The pixels of an object. */
    static Mask truth(int object, int frame) {
        byte[] pixels = new byte[WIDTH * HEIGHT];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) (covers(object, frame, i % WIDTH, i / WIDTH) ? 1 : 0);
        }
        return Mask.ofBytes(WIDTH, HEIGHT, pixels);
    }

    static Picture picture(int frame) {
        return picture(frame, WIDTH, HEIGHT);
    }

    static Picture picture(int frame, int width, int height) {
        byte[] rgb = new byte[3 * width * height];
        for (int i = 0; i < width * height; i++) {
            int x = i % width;
            int y = i / width;
            int colour = 0xC8C8B8 + 0x040404 * ((x / 9 + y / 7) % 4);
            for (int object = DISC; object <= BALL; object++) {
                colour = covers(object, frame, x, y) ? COLOURS[object] : colour;
            }
            rgb[3 * i] = (byte) (colour >> 16);
            rgb[3 * i + 1] = (byte) (colour >> 8);
            rgb[3 * i + 2] = (byte) colour;
        }
        return Picture.of(rgb, width, height);
    }

    /** Writes frames as {@code 0.png, 1.png, ...}. */
    static void write(Path folder, int frames) {
        for (int i = 0; i < frames; i++) {
            write(folder, i, picture(i));
        }
    }

    static void write(Path folder, int frame, Picture picture) {
        try {
            picture.write(Files.createDirectories(folder).resolve(frame + ".png"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String description() {
        return "clip";
    }

    @Override
    public int frames() {
        return frames;
    }

    @Override
    public int width() {
        return WIDTH;
    }

    @Override
    public int height() {
        return HEIGHT;
    }

    @Override
    public Picture read(int index) {
        reads++;
        return picture(index);
    }

    int reads() {
        return reads;
    }

    boolean isClosed() {
        return closed;
    }

    @Override
    public void close() {
        closed = true;
    }
}
