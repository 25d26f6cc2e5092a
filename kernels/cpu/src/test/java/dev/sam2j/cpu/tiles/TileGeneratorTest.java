package dev.sam2j.cpu.tiles;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sam2j.cpu.tiles.TileGenerator.Tile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The classes in {@code src/generated/java} are current; {@code -Dsam2j.tiles=write} writes them. */
class TileGeneratorTest {
    private static final Path GENERATED = Path.of("src/generated/java/dev/sam2j/cpu");

    static Iterable<Tile> tiles() {
        return TileGenerator.tiles();
    }

    @ParameterizedTest
    @MethodSource("tiles")
    void isCurrent(Tile tile) throws IOException {
        Path file = GENERATED.resolve(tile.room()).resolve(tile.name() + ".java");
        if ("write".equals(System.getProperty("sam2j.tiles"))) {
            Files.writeString(file, tile.text());
        }
        assertEquals(tile.text(), Files.readString(file));
    }
}
