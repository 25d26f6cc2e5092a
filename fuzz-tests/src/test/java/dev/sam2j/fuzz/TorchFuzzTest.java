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

/** {@code .pt} files whole: the zip archive around the pickle. */
class TorchFuzzTest {
    static Stream<Arguments> seeds() {
        byte[] whole = TorchSeeds.archive(TorchSeeds.tensor());
        return new Seeds()
                .add("one tensor", whole)
                .add("cut", Arrays.copyOf(whole, whole.length - 30))
                .add("an entry of another name", TorchSeeds.entryNamed("archive/version"))
                .add("an end alone", Arrays.copyOfRange(whole, whole.length - 22, whole.length))
                .add("nothing", new byte[0])
                .add(
                        "an old torch.save",
                        Seeds.bytes(0x80, 2, 0x8a, 10, 0x6c, -4, -100, 70, -7, 32, 106, -88, 80, 25, '.'))
                .arrays();
    }

    @MethodSource("seeds")
    @FuzzTest
    void file(byte[] file) {
        Budget.check(file, Checkpointing::read, CheckpointException.class);
    }

    @Tag("large")
    @ParameterizedTest
    @MethodSource
    void large(Supplier<byte[]> file) {
        Budget.check(file.get(), Checkpointing::read, CheckpointException.class);
    }

    static Stream<Arguments> large() {
        return new Seeds()
                .add("120,000 entries", () -> TorchSeeds.manyEntries(120_000))
                .add("20,000 entries", () -> TorchSeeds.manyEntries(20_000))
                .suppliers();
    }

    /** What torch itself refuses. */
    @ParameterizedTest
    @MethodSource
    void refused(Supplier<byte[]> file) {
        Budget.refused(file.get(), Checkpointing::read, CheckpointException.class);
    }

    static Stream<Arguments> refused() {
        return new Seeds()
                .add("a second disk", () -> TorchSeeds.end(end -> end.putShort(4, (short) 1)))
                .add("a directory on a second disk", () -> TorchSeeds.end(end -> end.putShort(6, (short) 1)))
                .add("fewer entries on this disk", () -> TorchSeeds.end(end -> end.putShort(8, (short) 1)))
                .add(
                        "fewer entries",
                        () -> TorchSeeds.end(end -> end.putShort(8, (short) 1).putShort(10, (short) 1)))
                .add(
                        "more entries",
                        () -> TorchSeeds.end(end -> end.putShort(8, (short) 3).putShort(10, (short) 3)))
                .add("an entry on a second disk", () -> TorchSeeds.directory(entry -> entry.putShort(34, (short) 1)))
                .add("encryption", () -> TorchSeeds.directory(entry -> entry.putShort(8, (short) 0x801)))
                .add("strong encryption", () -> TorchSeeds.directory(entry -> entry.putShort(8, (short) 0x840)))
                .add("patched data", () -> TorchSeeds.directory(entry -> entry.putShort(8, (short) 0x820)))
                .add("a masked directory", () -> TorchSeeds.directory(entry -> entry.putShort(8, (short) 0x2800)))
                .add("an absolute name", () -> TorchSeeds.entryNamed("/etc/passwd"))
                .add("a name of control characters", () -> TorchSeeds.entryNamed("archive/\u001b[2J\u202e"))
                .suppliers();
    }
}
