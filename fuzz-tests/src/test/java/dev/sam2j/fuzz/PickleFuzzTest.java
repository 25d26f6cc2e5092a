package dev.sam2j.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.sam2j.weights.CheckpointException;
import dev.sam2j.weights.torch.TorchSeeds;
import java.util.Arrays;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Pickles, in an archive that is as torch writes it. */
class PickleFuzzTest {
    static Stream<Arguments> seeds() {
        byte[] whole = TorchSeeds.tensor();
        return new Seeds()
                .add("one tensor", whole)
                .add("cut", Arrays.copyOf(whole, whole.length / 2))
                .add("colliding numbers", TorchSeeds.collidingNumbers(4))
                .add("tensors by way of the memo", TorchSeeds.manyTensors(3))
                .add("tuples of two equal tuples", TorchSeeds.doubledTuples(5))
                .add(
                        "a call of os.system",
                        Seeds.bytes(
                                0x80, 2, 'c', 'o', 's', '\n', 's', 'y', 's', 't', 'e', 'm', '\n', 'X', 2, 0, 0, 0, 'l',
                                's', 0x85, 'R', '.'))
                .add("escapes in a global", Seeds.bytes(0x80, 2, 'c', 27, '[', '2', 'J', '\n', 0x9b, 'x', '\n', '.'))
                .add("a string of 4 GB", Seeds.bytes(0x80, 4, 'X', -1, -1, -1, -1, '.'))
                .add("a memo index of 2^31", Seeds.bytes(0x80, 2, 'N', 'r', -1, -1, -1, 0x7f, '.'))
                .arrays();
    }

    @MethodSource("seeds")
    @FuzzTest
    void pickle(byte[] pickle) {
        Budget.check(TorchSeeds.archive(pickle), Checkpointing::read, CheckpointException.class);
    }

    static Stream<Arguments> large() {
        return new Seeds()
                .add("100,000 Long and Double keys of one hash", () -> TorchSeeds.collidingNumbers(50_000))
                .add("texts of one hash", () -> TorchSeeds.texts(1 << 16, i -> Seeds.colliding(i, 16)))
                .add("480,000 tensors", () -> TorchSeeds.manyTensors(480_000))
                .add("tuples of tuples", () -> filled(0x85))
                .add("tuples of two equal tuples", () -> TorchSeeds.doubledTuples(60))
                .add("marks", () -> filled('('))
                .add("values", () -> filled('N'))
                .add("dictionaries", () -> filled('}'))
                .suppliers();
    }

    @Tag("large")
    @ParameterizedTest
    @MethodSource
    void large(Supplier<byte[]> pickle) {
        Budget.check(TorchSeeds.archive(pickle.get()), Checkpointing::read, CheckpointException.class);
    }

    private static byte[] filled(int opcode) {
        byte[] pickle = new byte[1_900_000];
        Arrays.fill(pickle, (byte) opcode);
        pickle[0] = (byte) 0x80;
        pickle[1] = 2;
        pickle[2] = 'N';
        return pickle;
    }
}
