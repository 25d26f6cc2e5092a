package dev.sam2j.training.data.formats;

import dev.sam2j.predictors.image.files.PictureFolder;
import dev.sam2j.training.TrainingException;
import dev.sam2j.training.data.Text;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The pictures of a folder and of the folders in it, by their names. */
final class PictureFiles {
    private final Path folder;

    /**
     * Pictures of a folder.
     *
     * @throws TrainingException if it is none
     */
    PictureFiles(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new TrainingException(folder + (Files.exists(folder) ? " is no folder" : " does not exist"));
        }
        this.folder = folder;
    }

    Path folder() {
        return folder;
    }

    /**
     * A picture as another file names it: in the folder by its whole name, else by the last part of it, since tools
     * write names of folders that exist nowhere else. Null if it is not there; never outside the folder.
     */
    Path find(String name) {
        String slashes = name.replace('\\', '/');
        Path direct = inside(slashes);
        return direct != null ? direct : inside(slashes.substring(slashes.lastIndexOf('/') + 1));
    }

    private Path inside(String name) {
        try {
            Path file = folder.resolve(name).normalize();
            boolean within = file.toAbsolutePath()
                            .startsWith(folder.toAbsolutePath().normalize())
                    && !file.toAbsolutePath().equals(folder.toAbsolutePath().normalize());
            return within && Files.isRegularFile(file) ? file : null;
        } catch (InvalidPathException e) {
            return null;
        }
    }

    /** The name of a picture in the folder, with slashes. */
    String name(Path picture) {
        return folder.normalize().relativize(picture.normalize()).toString().replace('\\', '/');
    }

    /** All pictures. */
    List<Path> all() {
        try {
            return PictureFolder.list(folder, true, null).pictures();
        } catch (IOException e) {
            throw Text.unreadable(folder, e);
        }
    }

    /**
     * All pictures by their names without suffix.
     *
     * @throws TrainingException if two have the same
     */
    Map<String, Path> byStem() {
        Map<String, Path> pictures = new LinkedHashMap<>();
        for (Path picture : all()) {
            Path other = pictures.put(stem(name(picture)), picture);
            if (other != null) {
                throw new TrainingException(other + " and " + picture.getFileName()
                        + " differ by their suffixes only, so it is not known whose annotations are whose");
            }
        }
        return pictures;
    }

    /** A name without its suffix. */
    static String stem(String name) {
        int dot = name.lastIndexOf('.');
        return dot > name.lastIndexOf('/') + 1 ? name.substring(0, dot) : name;
    }
}
