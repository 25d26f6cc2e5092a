package dev.sam2j.cli;

import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.image.PictureWriter;
import dev.sam2j.predictors.image.ReadOptions;
import dev.sam2j.predictors.mask.LabelMap;
import dev.sam2j.predictors.mask.Mask;
import dev.sam2j.predictors.mask.MaskPng;
import dev.sam2j.predictors.render.Overlay;
import dev.sam2j.predictors.render.Palette;
import dev.sam2j.video.VideoWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Draws the masks that were written over the frames, from the first frame that has some to the last. */
final class OverlayMaker {
    private static final double DEFAULT_RATE = 24;

    private final TrackFolder folder;
    private final TrackSource source;
    private final Console console;

    /** What to draw. */
    enum Kind {
        /** A video file. */
        VIDEO,
        /** A folder of pictures. */
        FRAMES,
        /** Nothing. */
        NONE
    }

    OverlayMaker(TrackFolder folder, TrackSource source, Console console) {
        this.folder = folder;
        this.source = source;
        this.console = console;
    }

    /** Draws frames {@code first} to {@code last}; frames without masks stay as they are. */
    void draw(Kind kind, int first, int last, Double rate) throws IOException {
        ProgressLine progress = ProgressLine.frames(console, "overlay");
        Path pictures = folder.file(TrackFolder.OVERLAY);
        if (kind == Kind.FRAMES) {
            Files.createDirectories(pictures);
        }
        double own = source.framesPerSecond() > 0 ? source.framesPerSecond() : DEFAULT_RATE;
        try (VideoWriter video = kind == Kind.FRAMES
                ? null
                : VideoWriter.create(
                        folder.file(TrackFolder.VIDEO),
                        source.frames().width(),
                        source.frames().height(),
                        rate == null ? own : rate)) {
            for (int frame = first; frame <= last; frame++) {
                Picture picture = drawn(frame);
                if (video != null) {
                    video.add(picture);
                } else {
                    PictureWriter.writePng(
                            picture, pictures.resolve(source.frames().name(frame) + ".png"));
                }
                progress.update(frame - first + 1L, last - first + 1L);
            }
        } finally {
            progress.end();
        }
    }

    private Picture drawn(int frame) {
        Picture picture = source.read(frame);
        Path file = folder.mask(source.frames().name(frame));
        if (!Files.exists(file)) {
            return picture;
        }
        LabelMap labels = MaskPng.readLabels(file, ReadOptions.DEFAULT);
        record Labelled(int label, Mask mask) {}
        List<Labelled> masks = new ArrayList<>();
        for (int label : labels.objects()) {
            masks.add(new Labelled(label, labels.mask(label)));
        }
        masks.sort(Comparator.comparingInt(labelled -> -labelled.mask().area()));
        Overlay overlay = Overlay.on(picture);
        masks.forEach(labelled -> overlay.mask(labelled.mask(), Palette.colour(labelled.label() - 1)));
        return overlay.toPicture();
    }
}
