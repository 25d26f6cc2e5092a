package dev.sam2j.cli.track;

import dev.sam2j.cli.terminal.CliException;
import dev.sam2j.cli.terminal.Console;
import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.image.ReadOptions;
import dev.sam2j.predictors.image.files.PictureFolder;
import dev.sam2j.predictors.video.FrameSource;
import dev.sam2j.predictors.video.PictureFrames;
import dev.sam2j.video.VideoFile;
import dev.sam2j.video.VideoReadOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The frames of a folder or a video file. */
final class TrackSource implements AutoCloseable {
    private final FrameSource frames;

    /** The same, if it is a file. */
    private final VideoFile video;

    private TrackSource(FrameSource frames, VideoFile video) {
        this.frames = frames;
        this.video = video;
    }

    /**
     * Opens a folder of pictures, a picture of several pages, alone or in a folder, or a video file, and says what in a
     * folder is no frame.
     *
     * @param options how pictures are read; frames of a video file are turned alike
     * @param strict whether a video file ends at its first damage
     * @throws dev.sam2j.predictors.video.VideoException if it is neither
     * @throws CliException if it is not there, or two pictures have one name
     */
    static TrackSource open(Path source, ReadOptions options, boolean strict, Console console) {
        if (!Files.exists(source)) {
            throw CliException.failure(source + " does not exist");
        }
        Path stack = stack(source, options);
        if (stack != null) {
            return new TrackSource(PictureFrames.pages(stack, options), null);
        }
        if (!Files.isDirectory(source)) {
            VideoFile video = VideoFile.open(
                    source,
                    VideoReadOptions.DEFAULT
                            .withOrientation(options.applyOrientation())
                            .withStrict(strict));
            return new TrackSource(video, video);
        }
        PictureFrames folder = PictureFrames.folder(source, options);
        Set<String> names = new HashSet<>();
        for (int i = 0; i < folder.frames(); i++) {
            if (!names.add(folder.name(i))) {
                throw CliException.failure(
                        source + ": there are two pictures called " + folder.name(i) + ", which is one frame too many");
            }
        }
        if (!folder.leftOut().isEmpty()) {
            console.say(source + ": left out " + folder.leftOut());
        }
        return new TrackSource(folder, null);
    }

    /** The picture of several pages that a source is, or that is alone in a folder; null if there is none. */
    private static Path stack(Path source, ReadOptions options) {
        Path file = source;
        if (Files.isDirectory(source)) {
            try {
                List<Path> pictures = PictureFolder.list(source, false, null).pictures();
                file = pictures.size() == 1 ? pictures.get(0) : null;
            } catch (IOException e) {
                return null; // the reader of folders says what is wrong
            }
        }
        return file != null && PictureFrames.hasPages(file, options) ? file : null;
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
        public String fileName(int index) {
            return whole.fileName(index);
        }

        @Override
        public void close() {
            // the owner closes
        }
    }

    /** When a frame is shown, in seconds from the beginning, also of the one after the last; NaN if nothing tells. */
    double time(int frame) {
        return video == null ? Double.NaN : video.time(frame);
    }

    /** How long a video file says that it lasts, in seconds; NaN if nothing tells. */
    double duration() {
        return video == null ? Double.NaN : video.duration();
    }

    /** What is wrong with a file, in a sentence, or null. */
    String damage() {
        return video == null ? null : video.damage();
    }

    @Override
    public void close() {
        frames.close();
    }
}
