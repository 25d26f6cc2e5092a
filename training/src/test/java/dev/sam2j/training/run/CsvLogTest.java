package dev.sam2j.training.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CsvLogTest {
    @TempDir
    Path folder;

    @Test
    void aRunThatGoesOnCutsOffWhatCameAfterItsState() throws IOException {
        Path file = folder.resolve("log.csv");
        try (CsvLog log = new CsvLog(file, -1, "step", "loss")) {
            log.add(1, 0.5);
            log.add(2, Double.NaN);
            log.add(3, 1e-7);
        }
        Files.writeString(file, Files.readString(file) + "4,0.2\n5,0."); // killed while writing
        try (CsvLog log = new CsvLog(file, 3, "step", "loss")) {
            assertArrayEquals(new double[] {1, 2, 3}, log.column("step"));
            assertArrayEquals(new double[] {0.5, Double.NaN, 1e-7}, log.column("loss"));
            log.add(4, 0.25);
        }
        assertEquals("step,loss\n1,0.5\n2,\n3,1.0E-7\n4,0.25\n", Files.readString(file));
        try (CsvLog log = new CsvLog(file, -1, "step", "loss")) {
            assertEquals(0, log.size());
        }
        assertEquals("step,loss\n", Files.readString(file));
    }
}
