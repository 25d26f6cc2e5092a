package dev.sam2j.predictors.video;

import dev.sam2j.configs.Configs;
import dev.sam2j.predictors.Sam2Model;
import dev.sam2j.predictors.model.LoadedModel;
import dev.sam2j.tensor.Backend;
import dev.sam2j.tensor.provider.BackendOptions;
import dev.sam2j.tensor.provider.Backends;
import dev.sam2j.weights.checkpoint.Checkpoints;
import dev.sam2j.weights.file.CheckpointFile;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import javax.management.JMException;
import javax.management.ObjectName;
import javax.management.ReflectionException;

/**
 * The program that {@link LongStreamTest} runs: tracks objects through a stream of drawn frames with the demo model at
 * half its resolution, and prints now and then how much memory is in use. For a longer look than the test's:
 * {@code java --add-modules jdk.incubator.vector -Xmx256m -cp ... StreamProgram 10000 3 100}.
 */
final class StreamProgram {
    private static final int SIZE = 128;

    private StreamProgram() {}

    /** Arguments: frames, objects, frames between samples. */
    public static void main(String[] arguments) throws IOException {
        int frames = Integer.parseInt(arguments[0]);
        int objects = Integer.parseInt(arguments[1]);
        int step = Integer.parseInt(arguments[2]);
        Path checkpoint = Files.createTempFile("sam2j-demo", ".pt");
        try (InputStream in = Sam2Model.class.getResourceAsStream("model/sam2.1_hiera_demo.pt")) {
            Files.copy(in, checkpoint, StandardCopyOption.REPLACE_EXISTING);
        }
        try (CheckpointFile weights = Checkpoints.openFile(checkpoint);
                Backend backend = Backends.open("cpu", BackendOptions.DEFAULT);
                Sam2Model model = LoadedModel.of(
                        "demo at " + SIZE,
                        Configs.named("demo").withImageSize(SIZE).withVideoPostprocessing(),
                        weights,
                        backend);
                LiveSession session = model.videoPredictor().openLive(VideoOptions.DEFAULT)) {
            session.track(Clip.picture(0));
            for (int object = 1; object <= objects; object++) {
                session.addMask(object, Clip.truth(1 + (object - 1) % 3, 0));
            }
            for (int frame = 1; frame <= frames; frame++) {
                int found = session.track(Clip.picture(frame)).objects().size();
                if (found != objects) {
                    throw new IllegalStateException("frame " + frame + " has " + found + " objects");
                }
                if (frame % step == 0) {
                    sample(frame);
                }
            }
        } finally {
            Files.delete(checkpoint);
        }
    }

    private static void sample(int frame) throws IOException {
        System.gc();
        trimNativeHeap();
        Runtime runtime = Runtime.getRuntime();
        System.out.println("sample " + frame + " " + (runtime.totalMemory() - runtime.freeMemory()) + " " + resident());
    }

    /** Gives back what glibc keeps of the memory that the JVM's compiler has freed, 10 to 30 MB now and then. */
    private static void trimNativeHeap() throws IOException {
        try {
            ManagementFactory.getPlatformMBeanServer()
                    .invoke(
                            new ObjectName("com.sun.management:type=DiagnosticCommand"),
                            "systemTrimNativeHeap",
                            null,
                            null);
        } catch (ReflectionException e) {
            // A JVM of another C library has no such command, and nothing to give back.
        } catch (JMException e) {
            throw new IOException("cannot trim the native heap", e);
        }
    }

    /** Resident bytes of this process, 0 where the system does not tell. */
    private static long resident() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (Files.exists(status)) {
            for (String line : Files.readAllLines(status)) {
                if (line.startsWith("VmRSS:")) {
                    return 1024 * Long.parseLong(line.replaceAll("\\D", ""));
                }
            }
        }
        return 0;
    }
}
