package dev.sam2j.cuda.library;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;

/**
 * The machine as the search for libraries sees it; tests describe others.
 *
 * @param root where system paths begin, {@code /}
 * @param os name of the operating system, as in {@code os.name}
 * @param arch name of the processor, as in {@code os.arch}
 * @param property system properties by name
 * @param environment environment variables by name
 */
record Host(Path root, String os, String arch, UnaryOperator<String> property, UnaryOperator<String> environment) {

    /** This machine. */
    static Host current() {
        return new Host(
                Path.of("/"),
                System.getProperty("os.name"),
                System.getProperty("os.arch"),
                System::getProperty,
                System::getenv);
    }

    boolean linux() {
        return os.toLowerCase(Locale.ROOT).startsWith("linux");
    }

    boolean windows() {
        return os.toLowerCase(Locale.ROOT).startsWith("windows");
    }

    boolean x86() {
        return arch.equals("amd64") || arch.equals("x86_64");
    }

    /** The platform's name in JCuda's files, {@code linux-x86_64} or {@code windows-x86_64}. */
    String platform() {
        return (windows() ? "windows" : "linux") + "-x86_64";
    }

    /** A path of the system, written from {@code /}. */
    Path system(String absolute) {
        return root.resolve(absolute.substring(1));
    }

    /** The absolute folders that an environment variable lists. */
    List<Path> environmentFolders(String variable) {
        return folders(environment.apply(variable));
    }

    /** The absolute folders that a system property lists. */
    List<Path> propertyFolders(String name) {
        return folders(property.apply(name));
    }

    private List<Path> folders(String list) {
        List<Path> folders = new ArrayList<>();
        for (String entry : list == null ? new String[0] : list.split(windows() ? ";" : ":")) {
            try {
                // A relative entry would make what is loaded depend on the working folder.
                Path folder = Path.of(entry.strip());
                if (folder.isAbsolute()) {
                    folders.add(folder);
                }
            } catch (InvalidPathException e) {
                // Such a folder cannot exist.
                continue;
            }
        }
        return folders;
    }
}
