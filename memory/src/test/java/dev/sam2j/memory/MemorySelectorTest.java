package dev.sam2j.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sam2j.configs.Configs;
import dev.sam2j.configs.Sam2Config;
import dev.sam2j.memory.MemorySelector.RememberedMap;
import dev.sam2j.memory.MemorySelector.RememberedPointer;
import dev.sam2j.memory.MemorySelector.Selection;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Expected selections were worked out by hand from the paper's rules: 7 maps, 16 pointers, rows by distance. */
class MemorySelectorTest {
    @TempDir
    private Path folder;

    private static final String YAML = "sam2.1_hiera_demo.yaml";

    /** The demo model with other settings, given as YAML lines of the model. */
    private MemorySelector selector(String... settings) {
        try (InputStream in = Sam2Config.class.getResourceAsStream(YAML)) {
            String yaml = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            for (String setting : settings) {
                String key = setting.substring(0, setting.indexOf(':'));
                yaml = yaml.lines()
                        .filter(line -> !line.startsWith("  " + key + ":"))
                        .collect(Collectors.joining("\n"));
                yaml += "\n  " + setting + "\n";
            }
            Path file = Files.writeString(folder.resolve("model.yaml"), yaml);
            return new MemorySelector(Configs.load(file));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static IntPredicate frames(Integer... frames) {
        return Set.of(frames)::contains;
    }

    private static IntPredicate range(int from, int to) {
        return frame -> frame >= from && frame <= to;
    }

    private static List<RememberedMap> maps(Object... frameAndRow) {
        List<RememberedMap> maps = new ArrayList<>();
        for (int i = 0; i < frameAndRow.length; i += 2) {
            boolean conditioning = frameAndRow[i] instanceof String;
            int frame = Integer.parseInt(frameAndRow[i].toString());
            maps.add(new RememberedMap(frame, conditioning, (Integer) frameAndRow[i + 1]));
        }
        return maps;
    }

    private static List<RememberedPointer> pointers(Object... frameAndDistance) {
        List<RememberedPointer> pointers = new ArrayList<>();
        for (int i = 0; i < frameAndDistance.length; i += 2) {
            boolean conditioning = frameAndDistance[i] instanceof String;
            int frame = Integer.parseInt(frameAndDistance[i].toString());
            pointers.add(new RememberedPointer(frame, conditioning, (Integer) frameAndDistance[i + 1]));
        }
        return pointers;
    }

    @Test
    void takesTheConditioningFrameFirstThenRecentOnesFromFarToNear() {
        Selection selection = selector().select(5, false, 20, List.of(0), range(1, 4));
        assertEquals(maps("0", 6, 1, 3, 2, 2, 3, 1, 4, 0), selection.maps());
        assertEquals(pointers("0", 5, 4, 1, 3, 2, 2, 3, 1, 4), selection.pointers());
        assertEquals(16, selection.pointerLimit());
    }

    @Test
    void attendsToFutureConditioningFramesButNotToTheirPointers() {
        Selection selection = selector().select(30, false, 60, List.of(0, 29, 31, 40), frame -> false);
        assertEquals(maps("0", 6, "29", 6, "31", 6, "40", 6), selection.maps());
        assertEquals(pointers("0", 30, "29", 1), selection.pointers());
    }

    @Test
    void keepsAllPointersIfTheModelSaysSo() {
        Selection all = selector("only_obj_ptrs_in_the_past_for_eval: false")
                .select(30, false, 60, List.of(29, 33), frame -> false);
        assertEquals(pointers("29", 1, "33", -3), all.pointers());
        Selection unsigned = selector(
                        "only_obj_ptrs_in_the_past_for_eval: false", "use_signed_tpos_enc_to_obj_ptrs: false")
                .select(30, false, 60, List.of(29, 33), frame -> false);
        assertEquals(pointers("29", 1, "33", 3), unsigned.pointers());
    }

    @Test
    void readsSixMapsAndFifteenPointersOfALongPast() {
        Selection selection = selector().select(100, false, 200, List.of(0), range(1, 99));
        assertEquals(maps("0", 6, 94, 5, 95, 4, 96, 3, 97, 2, 98, 1, 99, 0), selection.maps());
        assertEquals(16, selection.pointers().size());
        assertEquals(new RememberedPointer(0, true, 100), selection.pointers().get(0));
        assertEquals(new RememberedPointer(85, false, 15), selection.pointers().get(15));
    }

    @Test
    void mirrorsEverythingBackwards() {
        IntPredicate tracked = frame -> frame >= 11 && frame <= 19 && frame != 15;
        Selection selection = selector().select(10, true, 20, List.of(15, 3), tracked);
        assertEquals(maps("15", 6, "3", 6, 16, 5, 14, 3, 13, 2, 12, 1, 11, 0), selection.maps());
        assertEquals(pointers("15", 5, 11, 1, 12, 2, 13, 3, 14, 4, 16, 6, 17, 7, 18, 8, 19, 9), selection.pointers());
    }

    @Test
    void stopsAtTheEndsOfAShortVideo() {
        Selection selection = selector().select(2, false, 3, List.of(0), range(1, 1));
        assertEquals(3, selection.pointerLimit());
        assertEquals(pointers("0", 2, 1, 1), selection.pointers());
        Selection alone = selector().select(0, false, 1, List.of(0), frame -> false);
        assertEquals(2, alone.pointerLimit());
        assertEquals(pointers("0", 0), alone.pointers());
    }

    @Test
    void limitsConditioningFramesToTheNearest() {
        MemorySelector selector = selector("max_cond_frames_in_attn: 3");
        Selection selection = selector.select(30, false, 60, List.of(0, 29, 28, 50, 31), frame -> false);
        // The last before, the first after, the nearest other; the rest serve as recent frames: none within reach.
        assertEquals(maps("29", 6, "31", 6, "28", 6), selection.maps());
        assertEquals(pointers("29", 1, "28", 2), selection.pointers());
    }

    @Test
    void readsUnselectedConditioningFramesAsRecentOnes() {
        MemorySelector selector = selector("max_cond_frames_in_attn: 2");
        Selection selection = selector.select(30, false, 60, List.of(26, 29, 31), frames(27));
        assertEquals(maps("29", 6, "31", 6, "26", 3, 27, 2), selection.maps());
        assertEquals(pointers("29", 1, 27, 3, "26", 4), selection.pointers());
    }

    @Test
    void takesEveryStridethFrameBeyondTheLastOne() {
        MemorySelector selector = selector("memory_temporal_stride_for_eval: 5");
        // From frame 23 back: 22, then multiples of 5 from floor(21 / 5) * 5 = 20 on.
        Selection forward = selector.select(23, false, 60, List.of(0), range(1, 22));
        assertEquals(maps("0", 6, 5, 4, 10, 3, 15, 2, 20, 1, 22, 0), forward.maps());
        // From frame 23 on: 24, then multiples of 5 from ceil(25 / 5) * 5 = 25 on.
        Selection backward = selector.select(23, true, 60, List.of(59), range(24, 58));
        assertEquals(maps("59", 6, 45, 5, 40, 4, 35, 3, 30, 2, 25, 1, 24, 0), backward.maps());
        assertEquals(new RememberedPointer(22, false, 1), forward.pointers().get(1), "pointers know no stride");
    }
}
