package dev.sam2j.cli.vos;

import dev.sam2j.cli.terminal.CliException;
import dev.sam2j.predictors.image.ReadOptions;
import dev.sam2j.predictors.image.files.PictureReader;
import dev.sam2j.predictors.image.files.PngFile;
import dev.sam2j.predictors.mask.LabelMap;
import dev.sam2j.predictors.mask.Mask;
import dev.sam2j.predictors.mask.MaskPng;
import dev.sam2j.predictors.mask.pixels.VocPalette;
import java.awt.image.BufferedImage;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Masks of one video in the layouts of the video object segmentation benchmarks: a palette picture for each frame whose
 * values are the objects (DAVIS), or a folder of binary pictures for each object (SA-V).
 */
final class VosMasks {
    private static final int MAX_LABEL = 255;
    private static final Pattern OBJECT = Pattern.compile("\\d{1,9}");

    private final Path folder;
    private final boolean perObject;
    private final VosLabels labels = new VosLabels();

    /** The masks in a folder, read when asked for. */
    VosMasks(Path folder, boolean perObject) {
        this.folder = folder;
        this.perObject = perObject;
    }

    /**
     * The objects with pixels on a frame, by ascending number; none if there is no file.
     *
     * @throws dev.sam2j.predictors.image.PictureException if a file cannot be read
     * @throws CliException if a folder's name is no number, or a number is above 255 in a palette picture
     */
    Map<Integer, Mask> read(String frame) throws IOException {
        Map<Integer, Mask> masks = new TreeMap<>();
        if (perObject) {
            for (Path object : objectFolders()) {
                Path file = object.resolve(frame + ".png");
                Mask mask = Files.exists(file) ? MaskPng.read(file) : null;
                if (mask != null && !mask.isEmpty()) {
                    masks.put(Integer.parseInt(object.getFileName().toString()), mask);
                }
            }
            return masks;
        }
        Path file = folder.resolve(frame + ".png");
        if (Files.exists(file)) {
            LabelMap map = MaskPng.readLabels(file, ReadOptions.DEFAULT);
            for (int label : labels.objects(map)) {
                if (label > MAX_LABEL) {
                    throw CliException.failure(
                            file + ": object " + label + " does not fit a palette picture, which has 255");
                }
                masks.put(label, map.mask(label));
            }
        }
        return masks;
    }

    /** Names, from the folder, that files with masks of some frames have. */
    List<String> files(List<String> frames) throws IOException {
        if (!perObject) {
            return frames.stream().map(frame -> frame + ".png").toList();
        }
        List<String> files = new ArrayList<>();
        for (String object : Files.exists(folder) ? VosFolders.folders(folder) : List.<String>of()) {
            if (OBJECT.matcher(object).matches()) {
                frames.forEach(frame -> files.add(object + "/" + frame + ".png"));
            }
        }
        return files;
    }

    private List<Path> objectFolders() throws IOException {
        List<Path> objects = new ArrayList<>();
        for (String object : VosFolders.folders(folder)) {
            objects.add(folder.resolve(object));
            if (!OBJECT.matcher(object).matches()) {
                throw CliException.failure(folder.resolve(object) + ": an object's folder must be called by a number");
            }
        }
        return objects;
    }

    /** The colours of the first palette picture of the given frames, those of DAVIS if there is none. */
    IndexColorModel palette(List<String> frames) throws IOException {
        List<Path> folders = perObject ? objectFolders() : List.of(folder);
        for (String frame : frames) {
            for (Path place : folders) {
                Path file = place.resolve(frame + ".png");
                if (Files.exists(file)
                        && PictureReader.readStored(file, ReadOptions.DEFAULT).getColorModel()
                                instanceof IndexColorModel colours) {
                    return wholePalette(colours);
                }
            }
        }
        return VocPalette.model();
    }

    /** A palette of 8 bits that begins with the given one; the rest is black. */
    private static IndexColorModel wholePalette(IndexColorModel colours) {
        int[] all = new int[MAX_LABEL + 1];
        for (int i = 0; i < Math.min(all.length, colours.getMapSize()); i++) {
            all[i] = colours.getRGB(i) & 0xFFFFFF;
        }
        return new IndexColorModel(8, all.length, all, 0, false, -1, DataBuffer.TYPE_BYTE);
    }

    /** Writes the objects of a frame; in a palette picture the smallest number wins where masks overlap. */
    void write(String frame, Map<Integer, Mask> masks, int width, int height, IndexColorModel palette)
            throws IOException {
        if (!perObject) {
            TreeMap<Integer, Mask> ascending = new TreeMap<>(masks);
            int[] numbers =
                    ascending.keySet().stream().mapToInt(Integer::intValue).toArray();
            LabelMap map = LabelMap.ofMasks(width, height, List.copyOf(ascending.values()), numbers);
            write(map, folder.resolve(frame + ".png"), palette);
            return;
        }
        for (Map.Entry<Integer, Mask> mask : masks.entrySet()) {
            Path object = folder.resolve(String.format(Locale.ROOT, "%03d", mask.getKey()));
            Files.createDirectories(object);
            write(LabelMap.ofMasks(width, height, List.of(mask.getValue())), object.resolve(frame + ".png"), palette);
        }
    }

    private static void write(LabelMap labels, Path file, IndexColorModel palette) throws IOException {
        BufferedImage image =
                new BufferedImage(labels.width(), labels.height(), BufferedImage.TYPE_BYTE_INDEXED, palette);
        image.getRaster().setPixels(0, 0, labels.width(), labels.height(), labels.toLabels());
        PngFile.write(image, file);
    }
}
