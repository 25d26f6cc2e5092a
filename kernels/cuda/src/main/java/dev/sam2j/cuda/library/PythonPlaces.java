package dev.sam2j.cuda.library;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Python environments that may hold CUDA's libraries, which pip installs in {@code site-packages/nvidia/<part>/lib}.
 * On machines set up for PyTorch there often are no others.
 */
final class PythonPlaces {
    private static final int MOST_LINKS = 8;

    private final Host host;

    PythonPlaces(Host host) {
        this.host = host;
    }

    /** Existing {@code site-packages} with a folder {@code nvidia}, those of active environments first. */
    List<Path> sites() {
        Set<Path> sites = new LinkedHashSet<>();
        for (String variable : List.of("VIRTUAL_ENV", "CONDA_PREFIX")) {
            host.environmentFolders(variable).forEach(prefix -> addSites(prefix, sites));
        }
        for (Path folder : host.environmentFolders("PATH")) {
            for (String program : host.windows() ? List.of("python.exe") : List.of("python3", "python")) {
                prefixes(folder.resolve(program)).forEach(prefix -> addSites(prefix, sites));
            }
        }
        if (!host.windows()) {
            host.environmentFolders("HOME").forEach(home -> addSites(home.resolve(".local"), sites));
            addSites(host.system("/usr/local"), sites);
            addSites(host.system("/usr"), sites);
            for (Path folder : LibraryPlaces.entries(host.system("/opt"), "*")) {
                addSites(folder, sites);
                addSites(folder.resolve("venv"), sites);
                addSites(folder.resolve(".venv"), sites);
            }
        }
        return List.copyOf(sites);
    }

    /** The library folders below a {@code site-packages}. */
    static List<Path> libraries(Path site, String name) {
        List<Path> folders = new ArrayList<>();
        for (Path part : LibraryPlaces.entries(site.resolve("nvidia"), "*")) {
            if (Files.isDirectory(part.resolve(name))) {
                folders.add(part.resolve(name));
                if (Files.isDirectory(part.resolve(name).resolve("x86_64"))) {
                    folders.add(part.resolve(name).resolve("x86_64"));
                }
            }
        }
        return folders;
    }

    /** Where conda puts libraries that are no Python packages. */
    List<Path> condaLibraries() {
        return host.environmentFolders("CONDA_PREFIX").stream()
                .map(prefix -> prefix.resolve(host.windows() ? "Library/bin" : "lib"))
                .toList();
    }

    private void addSites(Path prefix, Set<Path> sites) {
        List<Path> found = new ArrayList<>();
        if (host.windows()) {
            found.add(prefix.resolve("Lib/site-packages"));
        } else {
            for (String library : List.of("lib", "lib64")) {
                for (Path python : LibraryPlaces.entries(prefix.resolve(library), "python3*")) {
                    found.add(python.resolve("site-packages"));
                    found.add(python.resolve("dist-packages"));
                }
            }
        }
        for (Path site : found) {
            if (Files.isDirectory(site.resolve("nvidia"))) {
                sites.add(site);
            }
        }
    }

    /** The prefixes of a program and of what it links to: an environment's Python is a link to another's. */
    private static List<Path> prefixes(Path program) {
        List<Path> prefixes = new ArrayList<>();
        Path at = program;
        for (int i = 0; i < MOST_LINKS && Files.isRegularFile(at); i++) {
            Path folder = at.toAbsolutePath().normalize().getParent();
            prefixes.add(folder);
            if (folder.getParent() != null) {
                prefixes.add(folder.getParent());
            }
            if (!Files.isSymbolicLink(at)) {
                break;
            }
            try {
                at = folder.resolve(Files.readSymbolicLink(at));
            } catch (IOException e) {
                // What the link names cannot be known; its own prefix is listed.
                break;
            }
        }
        return prefixes;
    }
}
