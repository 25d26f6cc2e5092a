package dev.sam2j.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointCacheTest {
    private static Path locate(Path argument, Map<String, String> properties, Map<String, String> environment) {
        return CheckpointCache.locate(argument, properties::get, environment::get)
                .folder();
    }

    @Test
    void argumentPropertyEnvironmentAndUserFolderInThisOrder() {
        Map<String, String> properties =
                Map.of("dev.sam2j.cache", "from-property", "user.home", "/home/me", "os.name", "Linux");
        Map<String, String> home = Map.of("user.home", "/home/me", "os.name", "Linux", "dev.sam2j.cache", " ");
        Map<String, String> environment = Map.of("SAM2J_CACHE", "from-environment", "XDG_CACHE_HOME", "/xdg");
        assertEquals(Path.of("mine"), locate(Path.of("mine"), properties, environment));
        assertEquals(Path.of("from-property"), locate(null, properties, environment));
        assertEquals(Path.of("from-environment"), locate(null, home, environment));
        assertEquals(Path.of("/xdg/sam2j"), locate(null, home, Map.of("XDG_CACHE_HOME", "/xdg")));
        assertEquals(Path.of("/home/me/.cache/sam2j"), locate(null, home, Map.of("XDG_CACHE_HOME", "relative")));
        assertEquals(Path.of("/home/me/.cache/sam2j"), locate(null, home, Map.of()));
    }

    /** Java calls the home of a user that the system does not know a question mark. */
    @Test
    void usersWithoutAHome(@TempDir Path home, @TempDir Path temporary) throws IOException {
        Map<String, String> unknown = Map.of("user.home", "?", "java.io.tmpdir", temporary.toString());
        assertEquals(Path.of("/xdg/sam2j"), locate(null, unknown, Map.of("XDG_CACHE_HOME", "/xdg")));
        assertEquals(home.resolve(".cache/sam2j"), locate(null, unknown, Map.of("HOME", home.toString())));
        Path own = locate(null, unknown, Map.of("HOME", "/no/such/home"));
        assertTrue(own.startsWith(temporary) && own.endsWith(".cache/sam2j"), own.toString());
        Path made = own.getParent().getParent();
        if (made.getFileSystem().supportedFileAttributeViews().contains("unix")) {
            assertEquals(own, locate(null, unknown, Map.of()));
            Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rwxrwxrwx"));
            assertNotEquals(own, locate(null, unknown, Map.of()));
        }
    }

    @Test
    void otherPlatforms() {
        Map<String, String> mac = Map.of("user.home", "/Users/me", "os.name", "Mac OS X");
        assertEquals(Path.of("/Users/me/Library/Caches/sam2j"), locate(null, mac, Map.of("XDG_CACHE_HOME", "/xdg")));
        Map<String, String> windows = Map.of("user.home", "/me", "os.name", "Windows 11");
        assertEquals(Path.of("/local/sam2j"), locate(null, windows, Map.of("LOCALAPPDATA", "/local")));
        assertEquals(Path.of("/me/AppData/Local/sam2j"), locate(null, windows, Map.of()));
    }

    @Test
    void theOfficialCheckpointsAreWellFormed() {
        Set<String> seen = new HashSet<>();
        for (NamedCheckpoint model : NamedCheckpoint.values()) {
            assertEquals(Optional.of(model), NamedCheckpoint.named(model.modelName()));
            RemoteFile remote = model.remote();
            assertTrue(remote.sha256().matches("[0-9a-f]{64}"), remote.sha256());
            assertTrue(remote.path().endsWith("/" + remote.name()) && remote.bytes() > 100_000_000);
            assertTrue(
                    seen.add(remote.name()) && seen.add(remote.sha256()) && seen.add("config " + model.configName()));
        }
        assertEquals(Optional.empty(), NamedCheckpoint.named("demo"));
        assertEquals(
                "https://dl.fbaipublicfiles.com/segment_anything_2/092824/sam2.1_hiera_base_plus.pt",
                DownloadSettings.OFFICIAL
                        .baseUrl()
                        .resolve(NamedCheckpoint.BASE_PLUS.remote().path())
                        .toString());
        assertEquals(
                "sam2_hiera_base_plus.pt",
                NamedCheckpoint.SAM2_BASE_PLUS.remote().name());
    }
}
