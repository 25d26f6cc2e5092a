package dev.sam2j.configs;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Model configurations: the ones that come with the library, and the user's own files. */
public final class Configs {

    private static final List<String> NAMES = List.of(
            "sam2.1_hiera_t",
            "sam2.1_hiera_s",
            "sam2.1_hiera_b+",
            "sam2.1_hiera_l",
            "sam2_hiera_t",
            "sam2_hiera_s",
            "sam2_hiera_b+",
            "sam2_hiera_l",
            "sam2.1_hiera_demo");
    private static final Map<String, String> ALIASES = Map.of(
            "tiny",
            "sam2.1_hiera_t",
            "small",
            "sam2.1_hiera_s",
            "base-plus",
            "sam2.1_hiera_b+",
            "large",
            "sam2.1_hiera_l",
            "demo",
            "sam2.1_hiera_demo");

    private Configs() {}

    /** Returns the names of the configurations that come with the library, without their aliases. */
    public static List<String> names() {
        return NAMES;
    }

    /** Returns the short names {@code tiny, small, base-plus, large, demo} with the name each stands for. */
    public static Map<String, String> aliases() {
        return ALIASES;
    }

    /** Returns whether {@link #named} knows this name or alias. */
    public static boolean isKnown(String name) {
        return ALIASES.containsKey(name) || NAMES.contains(name);
    }

    /**
     * Returns the full name behind a name or an alias.
     *
     * @throws IllegalArgumentException if there is no such configuration
     */
    public static String canonicalName(String name) {
        if (!isKnown(name)) {
            throw new IllegalArgumentException("no model named '" + YamlDocument.excerpt(name) + "', known are "
                    + "tiny, small, base-plus, large, demo, " + String.join(", ", NAMES));
        }
        return ALIASES.getOrDefault(name, name);
    }

    /**
     * Returns a configuration that comes with the library, as its YAML says, without the reference builders' overrides
     * (see {@link Sam2Config#withImagePostprocessing()}).
     *
     * @param name one of {@link #names()} or {@link #aliases()}
     * @throws IllegalArgumentException if there is no such configuration
     */
    public static Sam2Config named(String name) {
        String resource = canonicalName(name) + ".yaml";
        try (InputStream in = Configs.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException(resource + " is not in the jar");
            }
            return ConfigReader.read(in.readAllBytes(), resource);
        } catch (IOException e) {
            throw new UncheckedIOException(resource + " cannot be read", e);
        }
    }

    /**
     * Reads a YAML file in the reference's layout. The file is untrusted: no tag of it makes an object, and its size,
     * depth and aliases are bounded.
     *
     * @throws ConfigException if the file cannot be read, is not such a configuration, or asks for something that is
     *         not supported; names the file, and the line and key path where there is one
     */
    public static Sam2Config load(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            return ConfigReader.read(in.readNBytes(YamlDocument.MAX_BYTES + 1), file.toString());
        } catch (NoSuchFileException e) {
            throw new ConfigException(file.toString(), 0, "", "no such file");
        } catch (IOException e) {
            throw new ConfigException(file.toString(), 0, "", "cannot be read: " + e.getMessage());
        }
    }

    /**
     * Reads YAML text in the reference's layout.
     *
     * @param yaml the text
     * @param source what messages call it
     * @throws ConfigException as for {@link #load}
     */
    public static Sam2Config parse(String yaml, String source) {
        return ConfigReader.read(yaml.getBytes(StandardCharsets.UTF_8), source);
    }
}
