package dev.sam2j.predictors.auto;

import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.image.PictureWriter;
import dev.sam2j.predictors.mask.MaskPng;
import dev.sam2j.predictors.render.Cutout;
import dev.sam2j.weights.io.AtomicFiles;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** Automatic masks as tables and folders of pictures, which appear complete or not at all. */
public final class MaskFiles {
    private MaskFiles() {}

    /**
     * Writes one line of comma-separated values per mask below a line of names; boxes count pixels, as COCO's do, and
     * masks are numbered from 1 as in the other outputs.
     */
    public static void writeCsv(Path file, List<AutomaticMask> masks) throws IOException {
        StringBuilder text = new StringBuilder("id,area,x,y,width,height,predicted_iou,stability_score,"
                + "point_x,point_y,crop_x,crop_y,crop_width,crop_height\n");
        for (int i = 0; i < masks.size(); i++) {
            AutomaticMask mask = masks.get(i);
            int[] box = mask.area() == 0 ? new int[4] : mask.box().toXywh();
            int[] crop = mask.crop().toXywh();
            text.append(i + 1).append(',').append(mask.area());
            append(text, box);
            text.append(',').append(mask.predictedIou());
            text.append(',').append(mask.stabilityScore());
            text.append(',').append(mask.pointX());
            text.append(',').append(mask.pointY());
            append(text, crop);
            text.append('\n');
        }
        AtomicFiles.writeString(file, text.toString());
    }

    private static void append(StringBuilder text, int[] values) {
        for (int value : values) {
            text.append(',').append(value);
        }
    }

    /** Writes each mask as {@code 0001.png, 0002.png, ...}, 255 inside and 0 outside, to a folder that is replaced. */
    public static void writePngs(Path folder, List<AutomaticMask> masks) throws IOException {
        writeFolder(folder, masks, (mask, file) -> MaskPng.write(mask.mask(), file));
    }

    /**
     * Writes each object on a transparent canvas of the size of its box as {@code 0001.png, ...} to a folder that is
     * replaced; numbers of masks without pixels are left out.
     */
    public static void writeCutouts(Path folder, Picture picture, List<AutomaticMask> masks) throws IOException {
        writeFolder(folder, masks, (mask, file) -> {
            if (mask.area() > 0) {
                PictureWriter.writePng(Cutout.cropped(picture, mask.mask()), file);
            }
        });
    }

    private interface OneFile {
        void write(AutomaticMask mask, Path file) throws IOException;
    }

    private static void writeFolder(Path folder, List<AutomaticMask> masks, OneFile content) throws IOException {
        Path parent = folder.toAbsolutePath().getParent();
        AtomicFiles.createFolder(parent);
        Path temporary = Files.createTempDirectory(parent, ".sam2j-");
        try {
            for (int i = 0; i < masks.size(); i++) {
                content.write(masks.get(i), temporary.resolve(String.format(Locale.ROOT, "%04d.png", i + 1)));
            }
            deletePngFolder(folder);
            Files.move(temporary, folder);
        } catch (IOException | RuntimeException e) {
            deletePngFolder(temporary);
            throw e;
        }
    }

    /** Deletes a folder of pictures; one that holds anything else stays, with an error. */
    private static void deletePngFolder(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                if (!file.getFileName().toString().matches("\\d{4,}\\.png")) {
                    throw new IOException(folder + " cannot be replaced: it holds " + file.getFileName());
                }
            }
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }
}
