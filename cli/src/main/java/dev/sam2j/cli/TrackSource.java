package dev.sam2j.cli;

import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.image.ReadOptions;
import dev.sam2j.predictors.video.FrameFolder;
import dev.sam2j.predictors.video.FrameSource;
import dev.sam2j.tensor.ResizeFilter;
import dev.sam2j.video.VideoFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/** The frames of a folder or a video file. */
final class TrackSource implements AutoCloseable {
    private final FrameSource frames;
    private final double framesPerSecond;
    private final String damage;
    private final String leftOut;

    private TrackSource(FrameSource frames, double framesPerSecond, String damage, String leftOut) {
        this.leftOut = leftOut;
        this.frames = frames;
        this.framesPerSecond = framesPerSecond;
        this.damage = damage;
    }

    /**
     * Opens a folder of pictures or a video file.
     *
     * @param options how pictures are read
     * @throws dev.sam2j.predictors.video.VideoException if it is neither
     * @throws CliException if it is not there, or two pictures have one name
     */
    static TrackSource open(Path source, ReadOptions options) {
        if (!Files.exists(source)) {
            throw CliException.failure(source + " does not exist");
        }
        if (!Files.isDirectory(source)) {
            VideoFile video = VideoFile.open(source);
            return new TrackSource(video, video.framesPerSecond(), video.damage(), "");
        }
        FrameFolder folder = FrameFolder.open(source, options);
        Set<String> names = new HashSet<>();
        for (int i = 0; i < folder.frames(); i++) {
            if (!names.add(folder.name(i))) {
                throw CliException.failure(
                        source + ": there are two pictures called " + folder.name(i) + ", which is one frame too many");
            }
        }
        return new TrackSource(folder, 0, null, folder.leftOut());
    }

    /** The frames; closing them does nothing, since they are needed again after the session. */
    FrameSource frames() {
        return new View(frames);
    }

    /** The frames without their end. */
    private record View(FrameSource whole) implements FrameSource {
        @Override
        public String description() {
            return whole.description();
        }

        @Override
        public int frames() {
            return whole.frames();
        }

        @Override
        public int width() {
            return whole.width();
        }

        @Override
        public int height() {
            return whole.height();
        }

        @Override
        public Picture read(int index) {
            return whole.read(index);
        }

        @Override
        public String name(int index) {
            return whole.name(index);
        }

        @Override
        public ResizeFilter resizeFilter() {
            return whole.resizeFilter();
        }

        @Override
        public void close() {
            // the owner closes
        }
    }

    /** A frame's picture. */
    Picture read(int frame) {
        return frames.read(frame);
    }

    /** Frames per second, 0 if unknown. */
    double framesPerSecond() {
        return framesPerSecond;
    }

    /** What in a folder is no frame, for people; empty if everything is. */
    String leftOut() {
        return leftOut;
    }

    /** At which frame a file is damaged and why, or null. */
    String damage() {
        return damage;
    }

    @Override
    public void close() {
        frames.close();
    }
}
