import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Map;
import java.util.Random;

/**
 * Times an image encoder in ONNX Runtime's Java package. {@code peers.py} runs it from source:
 * {@code java -cp onnxruntime.jar OnnxEncoder.java FILE cpu|cuda THREADS WARMUP RUNS}. Prints the runtime's version, the
 * picture's side in pixels and the milliseconds of each run.
 */
public final class OnnxEncoder {
    private OnnxEncoder() {}

    /** Runs the program. */
    public static void main(String[] arguments) throws OrtException {
        int warmup = Integer.parseInt(arguments[3]);
        int runs = Integer.parseInt(arguments[4]);
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(Integer.parseInt(arguments[2]));
            options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
            if (arguments[1].equals("cuda")) {
                options.addCUDA();
            }
            try (OrtSession session = environment.createSession(arguments[0], options)) {
                TensorInfo info =
                        (TensorInfo) session.getInputInfo().get("picture").getInfo();
                long[] shape = info.getShape();
                System.out.println(environment.getVersion() + " " + shape[2]);
                try (OnnxTensor picture = OnnxTensor.createTensor(environment, noise(shape), shape)) {
                    for (int i = -warmup; i < runs; i++) {
                        long start = System.nanoTime();
                        session.run(Map.of("picture", picture)).close();
                        long nanos = System.nanoTime() - start;
                        if (i >= 0) {
                            System.out.println(nanos / 1e6);
                        }
                    }
                }
            }
        }
    }

    /** Values in direct memory, which the runtime reads without copying. */
    private static FloatBuffer noise(long[] shape) {
        int elements = Math.toIntExact(shape[0] * shape[1] * shape[2] * shape[3]);
        FloatBuffer values = ByteBuffer.allocateDirect(elements * Float.BYTES)
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer();
        Random random = new Random(1);
        while (values.hasRemaining()) {
            values.put((float) random.nextGaussian());
        }
        return values.rewind();
    }
}
