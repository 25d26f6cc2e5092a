package dev.sam2j.common;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UserHomeTest {
    @TempDir
    private Path temporary;

    @BeforeEach
    void onlyWhereUsersMayBeUnknown() {
        assumeTrue(temporary.getFileSystem().supportedFileAttributeViews().contains("unix"));
    }

    @Test
    void theEnvironmentKnows() {
        assertEquals(temporary, UserHome.instead(temporary.toString(), temporary));
    }

    @Test
    void otherwiseAPrivateFolderIsKept() throws IOException {
        Path home = UserHome.instead("/no/such/folder", temporary);
        assertEquals(temporary, home.getParent());
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(home)));
        assertEquals(home, UserHome.instead(null, temporary));
        try (Stream<Path> files = Files.list(temporary)) {
            assertEquals(1, files.count());
        }
    }

    @Test
    void aFolderThatOthersCanFillIsNotTaken() throws IOException {
        Path home = UserHome.instead(null, temporary);
        Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertNotEquals(home, UserHome.instead(null, temporary));
        Files.delete(home);
        Files.createSymbolicLink(home, Files.createDirectory(temporary.resolve("elsewhere")));
        assertNotEquals(home, UserHome.instead(null, temporary));
    }
}
