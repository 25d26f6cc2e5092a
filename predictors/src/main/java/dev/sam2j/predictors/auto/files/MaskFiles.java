package dev.sam2j.predictors.auto.files;

import dev.sam2j.common.io.AtomicFiles;
import dev.sam2j.common.io.StagedFiles;
import dev.sam2j.predictors.auto.AutomaticMask;
import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.image.files.PngFile;
import dev.sam2j.predictors.mask.Cutout;
import dev.sam2j.predictors.mask.MaskPng;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Automatic masks as tables and folders of pictures, which appear complete or not at all. */
public final class MaskFiles {
    private static final Pattern MASK = Pattern.compile("\\d{4,}\\.png");

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
            for (float value : new float[] {mask.predictedIou(), mask.stabilityScore(), mask.pointX(), mask.pointY()}) {
                text.append(',').append(value);
            }
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

    /**
     * Writes each mask as {@code 0001.png, 0002.png, ...}, 255 inside and 0 outside, to a folder whose such files are
     * replaced.
     */
    public static void writePngs(Path folder, List<AutomaticMask> masks) throws IOException {
        writeFolder(folder, masks, (mask, file) -> MaskPng.write(mask.mask(), file));
    }

    /**
     * Writes each object on a transparent canvas of the size of its box as {@code 0001.png, ...} to a folder whose
     * such files are replaced; numbers of masks without pixels are left out.
     */
    public static void writeCutouts(Path folder, Picture picture, List<AutomaticMask> masks) throws IOException {
        writeFolder(folder, masks, (mask, file) -> {
            if (mask.area() > 0) {
                PngFile.write(Cutout.cropped(picture, mask.mask()), file);
            }
        });
    }

    private interface OneFile {
        void write(AutomaticMask mask, Path file) throws IOException;
    }

    private static void writeFolder(Path folder, List<AutomaticMask> masks, OneFile content) throws IOException {
        try (StagedFiles staged = StagedFiles.into(folder)) {
            for (int i = 0; i < masks.size(); i++) {
                String name = String.format(Locale.ROOT, "%04d.png", i + 1);
                content.write(masks.get(i), staged.folder().resolve(name));
            }
            staged.commit(earlier(folder), null);
        }
    }

    /** The pictures of masks in a folder. */
    private static List<String> earlier(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> MASK.matcher(name).matches())
                    .toList();
        }
    }
}
