package dev.sam2j.predictors.mask;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.mask.pixels.Palette;
import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class OverlayTest {
    private static Picture plain(int width, int height, int grey) {
        byte[] rgb = new byte[width * height * 3];
        Arrays.fill(rgb, (byte) grey);
        return Picture.of(rgb, width, height);
    }

    @Test
    void masksAreHalfTransparentWithAnOutline() {
        Picture picture = plain(40, 30, 100);
        Mask mask = Mask.ofBox(40, 30, new PixelBox(10, 10, 20, 20));
        Picture drawn = Overlay.on(picture).mask(mask, 0xFF0040).toPicture();
        assertEquals(0x646464, drawn.pixel(9, 10));
        assertEquals(0xFF0040, drawn.pixel(10, 10));
        assertEquals(0xFF0040, drawn.pixel(20, 15));
        assertEquals(0xB13252, drawn.pixel(15, 15));
        assertEquals(0x646464, picture.pixel(15, 15));
    }

    @Test
    void smallMasksLieOnTop() {
        Mask large = Mask.ofBox(40, 30, new PixelBox(5, 5, 30, 25));
        Mask small = Mask.ofBox(40, 30, new PixelBox(10, 10, 20, 20));
        Picture picture = plain(40, 30, 100);
        Picture drawn = Overlay.on(picture).masks(List.of(small, large)).toPicture();
        Picture expected = Overlay.on(picture)
                .mask(large, Palette.colour(1))
                .mask(small, Palette.colour(0))
                .toPicture();
        assertArrayEquals(expected.rgb(), drawn.rgb());
        assertEquals(Palette.colour(0), drawn.pixel(10, 10));
    }

    @Test
    void promptsShowWhereTheyAre() {
        Picture drawn = Overlay.on(plain(100, 80, 0))
                .point(30.5, 20.5, true)
                .point(70.5, 20.5, false)
                .point(0, 0, true)
                .point(-500, 1000, false)
                .box(10, 40, 90, 70)
                .toPicture();
        assertEquals(0xFFFFFF, drawn.pixel(30, 20));
        assertEquals(0x00A040, drawn.pixel(28, 18));
        assertEquals(0xFFFFFF, drawn.pixel(30, 22));
        assertEquals(0xD02020, drawn.pixel(68, 18));
        assertEquals(0xD02020, drawn.pixel(70, 23));
        assertEquals(0x00A040, drawn.pixel(50, 40));
        assertEquals(0x00A040, drawn.pixel(10, 55));
        assertEquals(0, drawn.pixel(50, 55));
    }

    @Test
    void coloursDiffer() {
        Set<Integer> colours = new HashSet<>();
        for (int i = 0; i < 200; i++) {
            colours.add(Palette.colour(i));
        }
        assertTrue(colours.size() > 195, colours.size() + " colours");
        for (int i = 0; i < 30; i++) {
            assertNotEquals(Palette.colour(i), Palette.colour(i + 1));
        }
        assertThrows(IllegalArgumentException.class, () -> Palette.colour(-1));
    }

    @Test
    void cutouts() {
        Picture picture = plain(20, 10, 77);
        Mask mask = Mask.ofBox(20, 10, new PixelBox(3, 4, 8, 6)).andNot(Mask.ofBox(20, 10, new PixelBox(3, 4, 3, 4)));
        BufferedImage full = Cutout.of(picture, mask);
        assertEquals(20, full.getWidth());
        assertEquals(10, full.getHeight());
        assertEquals(0xFF4D4D4D, full.getRGB(8, 6));
        assertEquals(0, full.getRGB(9, 6));
        BufferedImage cropped = Cutout.cropped(picture, mask);
        assertEquals(6, cropped.getWidth());
        assertEquals(3, cropped.getHeight());
        assertEquals(0, cropped.getRGB(0, 0));
        assertEquals(0xFF4D4D4D, cropped.getRGB(1, 0));
    }

    @Test
    void sizesMustMatch() {
        Picture picture = plain(20, 10, 77);
        assertThrows(IllegalArgumentException.class, () -> Overlay.on(picture).mask(Mask.full(10, 20)));
        assertThrows(IllegalArgumentException.class, () -> Cutout.of(picture, Mask.full(10, 20)));
        assertThrows(IllegalArgumentException.class, () -> Cutout.cropped(picture, Mask.empty(20, 10)));
    }
}
