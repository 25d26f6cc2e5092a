package dev.sam2j.training.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.predictors.image.ReadOptions;
import dev.sam2j.training.TrainingException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SplitTest {
    @TempDir
    Path folder;

    private static DataSet data(int from, int to) {
        return new DataSet(IntStream.range(from, to)
                .mapToObj(i -> new Sample("x/" + i + ".png", Path.of("x", i + ".png"), ReadOptions.DEFAULT, 8, 8, null))
                .toList());
    }

    private static Set<String> names(DataSet data) {
        Set<String> names = new HashSet<>();
        data.samples().forEach(sample -> names.add(sample.name()));
        return names;
    }

    @Test
    void picturesThatAreAddedMoveNoOtherAcross() {
        Split few = Split.byFraction(data(100, 300), 0.2);
        Split more = Split.byFraction(data(0, 1000), 0.2);
        assertTrue(names(more.validation()).containsAll(names(few.validation())));
        assertTrue(names(more.training()).containsAll(names(few.training())));
        assertEquals(200, more.validation().size(), 40);
        assertEquals(1000, more.validation().size() + more.training().size());
    }

    @ParameterizedTest
    @ValueSource(doubles = {1e-9, 0.1, 0.5, 1 - 1e-9})
    void twoPicturesAreEnough(double fraction) {
        Split split = Split.byFraction(data(0, 2), fraction);
        assertEquals(1, split.training().size());
        assertEquals(1, split.validation().size());
        assertEquals(0, Split.byFraction(data(0, 2), 0).validation().size());
        assertThrows(IllegalArgumentException.class, () -> Split.byFraction(data(0, 2), 1));
    }

    @Test
    void listsNamePicturesForValidation() throws IOException {
        Path list = Files.writeString(folder.resolve("val.txt"), "x/3.png\r\n\n  x/5.png\n");
        Split split = Split.byList(data(0, 8), list);
        assertEquals(Set.of("x/3.png", "x/5.png"), names(split.validation()));
        assertEquals(6, split.training().size());
        Files.writeString(list, "x/9.png");
        TrainingException e = assertThrows(TrainingException.class, () -> Split.byList(data(0, 8), list));
        assertEquals(list + " names 'x/9.png', which is no picture of the data set that can be used", e.getMessage());
        Files.write(list, new byte[] {(byte) 0xFF, 0, 1});
        assertThrows(TrainingException.class, () -> Split.byList(data(0, 8), list));
    }

    @Test
    void picturesAreNotInBothSets() {
        assertEquals(3, Split.of(data(0, 5), data(5, 8)).validation().size());
        assertThrows(TrainingException.class, () -> Split.of(data(0, 5), data(4, 8)));
        assertThrows(TrainingException.class, () -> Split.of(new DataSet(List.of()), data(4, 8)));
    }
}
