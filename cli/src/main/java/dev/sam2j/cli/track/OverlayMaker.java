package dev.sam2j.cli.track;

import dev.sam2j.cli.terminal.CliException;
import dev.sam2j.cli.terminal.Console;
import dev.sam2j.cli.terminal.ProgressLine;
import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.image.ReadOptions;
import dev.sam2j.predictors.mask.LabelMap;
import dev.sam2j.predictors.mask.Mask;
import dev.sam2j.predictors.mask.MaskPng;
import dev.sam2j.predictors.mask.Overlay;
import dev.sam2j.predictors.mask.pixels.Palette;
import dev.sam2j.predictors.video.FrameSource;
import dev.sam2j.video.VideoFile;
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
        try (VideoWriter video = kind == Kind.FRAMES ? null : create(first, last, rate)) {
            for (int frame = first; frame <= last; frame++) {
                Picture picture = drawn(frame);
                if (video != null) {
                    video.add(picture, seconds(frame, rate));
                } else {
                    picture.write(pictures.resolve(source.frames().name(frame) + ".png"));
                }
                progress.update(frame - first + 1L, last - first + 1L);
            }
        } finally {
            progress.end();
        }
    }

    private VideoWriter create(int first, int last, Double rate) {
        double own = (last - first + 1) / (source.time(last + 1) - source.time(first));
        double about = rate != null
                ? rate
                : Double.isFinite(own) && own > 0 ? Math.min(own, VideoWriter.MAX_RATE) : DEFAULT_RATE;
        FrameSource frames = source.frames();
        if ((long) frames.width() * frames.height() > VideoFile.MAX_PIXELS) {
            throw CliException.failure(TrackFolder.VIDEO + " takes frames of up to " + VideoFile.MAX_PIXELS
                    + " pixels, these are " + frames.width() + "x" + frames.height() + "; use --overlay frames");
        }
        VideoWriter video = VideoWriter.create(
                folder.file(TrackFolder.VIDEO),
                frames.width(),
                frames.height(),
                Math.max(about, 1 / VideoWriter.MAX_SECONDS));
        if (Math.abs(video.width() - frames.width()) > 1 || Math.abs(video.height() - frames.height()) > 1) {
            console.say(TrackFolder.VIDEO + " is " + video.width() + "x" + video.height() + ": no encoder here takes "
                    + frames.width() + "x" + frames.height());
        }
        double declared = source.time(0) + source.duration() - source.time(first);
        double whole = source.time(last + 1) - source.time(first);
        if (rate == null && last == frames.frames() - 1 && declared > 0 && declared < whole) {
            video.declareDuration(declared);
        }
        return video;
    }

    /** How long a frame is shown: as long as in the source, unless a rate is asked for. */
    private double seconds(int frame, Double rate) {
        double own = source.time(frame + 1) - source.time(frame);
        if (rate != null || Double.isNaN(own)) {
            return 1 / (rate == null ? DEFAULT_RATE : rate);
        }
        return Math.max(1 / VideoWriter.MAX_RATE, Math.min(VideoWriter.MAX_SECONDS, own));
    }

    private Picture drawn(int frame) {
        Picture picture = source.frames().read(frame);
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
