package dev.sam2j.cuda.library;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The places where CUDA's libraries may lie, best first. Nothing is loaded and no program is run to find them. */
final class LibraryPlaces {
    /** System property with folders that are searched before all others, separated as in {@code PATH}. */
    static final String PROPERTY = "dev.sam2j.cuda.path";

    private static final Pattern VERSIONED = Pattern.compile("(\\d+)(?:\\.(\\d+))?");

    /**
     * A place: what to call it in messages, and its folders.
     *
     * @param title the variable, file or folder it comes from
     * @param folders absolute folders, which need not exist
     */
    record Place(String title, List<Path> folders) {}

    private final Host host;

    LibraryPlaces(Host host) {
        this.host = host;
    }

    /** The folders of the system property {@value #PROPERTY}; empty if it is not set. */
    List<Place> chosen() {
        List<Path> folders = toolkits(host.propertyFolders(PROPERTY));
        return folders.isEmpty() ? List.of() : List.of(new Place(PROPERTY, folders));
    }

    /** Where the driver's library may be. */
    List<Place> driver() {
        List<Place> places = new ArrayList<>(chosen());
        if (host.windows()) {
            add(places, "the system folder", windowsSystem());
            return places;
        }
        add(places, "this process", mapped("libcuda.so"));
        add(places, "LD_LIBRARY_PATH", host.environmentFolders("LD_LIBRARY_PATH"));
        add(places, "the linker's cache", cached(name -> name.startsWith("libcuda.so")));
        places.addAll(system(
                "/usr/lib/x86_64-linux-gnu",
                "/lib/x86_64-linux-gnu",
                "/usr/lib64",
                "/usr/lib",
                "/usr/local/nvidia/lib64",
                "/usr/local/nvidia/lib",
                "/usr/lib/wsl/lib",
                "/run/opengl-driver/lib"));
        return places;
    }

    /** Where CUDA's other libraries may be, beside those of {@link #chosen()}. */
    List<Place> libraries() {
        List<Place> places = new ArrayList<>();
        if (host.windows()) {
            add(places, "PATH", host.environmentFolders("PATH"));
            add(places, "CUDA_PATH", toolkits(host.environmentFolders("CUDA_PATH")));
            List<Path> programs = new ArrayList<>();
            for (Path folder : host.environmentFolders("ProgramFiles")) {
                programs.addAll(versions(folder.resolve("NVIDIA GPU Computing Toolkit/CUDA"), "v"));
            }
            places.add(new Place("NVIDIA GPU Computing Toolkit", toolkits(programs)));
        } else {
            add(places, "this process", mapped("libcublas.so"));
            add(places, "LD_LIBRARY_PATH", host.environmentFolders("LD_LIBRARY_PATH"));
            add(places, "CUDA_HOME", toolkits(host.environmentFolders("CUDA_HOME")));
            add(places, "CUDA_PATH", toolkits(host.environmentFolders("CUDA_PATH")));
            add(
                    places,
                    "the linker's cache",
                    cached(name -> name.startsWith("libcublas") || name.startsWith("libcud")));
            List<Path> toolkits = new ArrayList<>(List.of(host.system("/usr/local/cuda")));
            toolkits.addAll(versions(host.system("/usr/local"), "cuda-"));
            toolkits.add(host.system("/opt/cuda"));
            add(places, "/usr/local/cuda*", toolkits(toolkits));
            places.addAll(system("/usr/lib/x86_64-linux-gnu", "/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/lib"));
        }
        PythonPlaces python = new PythonPlaces(host);
        for (Path site : python.sites()) {
            add(places, site.toString(), PythonPlaces.libraries(site, host.windows() ? "bin" : "lib"));
        }
        add(places, "CONDA_PREFIX", python.condaLibraries());
        return places;
    }

    private static void add(List<Place> places, String title, List<Path> folders) {
        if (!folders.isEmpty()) {
            places.add(new Place(title, folders));
        }
    }

    private List<Place> system(String... folders) {
        List<Place> places = new ArrayList<>();
        for (String folder : folders) {
            places.add(new Place(folder, List.of(host.system(folder))));
        }
        return places;
    }

    private List<Path> windowsSystem() {
        List<Path> folders = new ArrayList<>();
        for (Path windows : host.environmentFolders("SystemRoot")) {
            folders.add(windows.resolve("System32"));
        }
        return folders;
    }

    /** Of each folder: itself, and where a CUDA toolkit or environment installed there has its libraries. */
    private List<Path> toolkits(List<Path> roots) {
        List<Path> folders = new ArrayList<>();
        for (Path root : roots) {
            folders.add(root);
            if (host.windows()) {
                folders.add(root.resolve("bin"));
                folders.add(root.resolve("bin/x64"));
            } else {
                folders.add(root.resolve("lib64"));
                folders.add(root.resolve("targets/x86_64-linux/lib"));
                folders.add(root.resolve("lib"));
            }
        }
        return folders;
    }

    private List<Path> cached(Predicate<String> wanted) {
        return LinkerCache.folders(host.system("/etc/ld.so.cache"), wanted).stream()
                .map(host::system)
                .toList();
    }

    /** Folders of libraries that this process has loaded already. */
    private List<Path> mapped(String prefix) {
        Set<Path> folders = new LinkedHashSet<>();
        try {
            for (String line : Files.readAllLines(host.system("/proc/self/maps"), StandardCharsets.ISO_8859_1)) {
                int name = line.lastIndexOf('/');
                int path = line.indexOf('/');
                if (path >= 0 && name > path && line.startsWith(prefix, name + 1)) {
                    folders.add(host.system(line.substring(path, name)));
                }
            }
        } catch (IOException e) {
            // Nothing is known of what is loaded: the search goes on without.
            return List.of();
        }
        return List.copyOf(folders);
    }

    /** Sub-folders that are named by a prefix and a version, the latest first. */
    private static List<Path> versions(Path folder, String prefix) {
        List<Path> found = new ArrayList<>();
        for (Path entry : entries(folder, prefix + "*")) {
            if (VERSIONED.matcher(version(entry, prefix)).lookingAt()) {
                found.add(entry);
            }
        }
        found.sort(Comparator.comparing((Path path) -> order(version(path, prefix)))
                .reversed());
        return found;
    }

    private static String version(Path folder, String prefix) {
        return folder.getFileName().toString().substring(prefix.length());
    }

    private static long order(String version) {
        Matcher matcher = VERSIONED.matcher(version);
        if (!matcher.lookingAt() || matcher.end() > 12) {
            return 0;
        }
        long minor = matcher.group(2) == null ? 0 : Long.parseLong(matcher.group(2));
        return Long.parseLong(matcher.group(1)) * 1_000_000 + minor;
    }

    /** The entries of a folder that match a glob, sorted; none if there is no such folder. */
    static List<Path> entries(Path folder, String glob) {
        List<Path> found = new ArrayList<>();
        if (!Files.isDirectory(folder)) {
            return found;
        }
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder, glob)) {
            stream.forEach(found::add);
        } catch (IOException | DirectoryIteratorException e) {
            // A folder that may not be listed holds nothing for this user.
            return List.of();
        }
        found.sort(Comparator.naturalOrder());
        return found;
    }
}
