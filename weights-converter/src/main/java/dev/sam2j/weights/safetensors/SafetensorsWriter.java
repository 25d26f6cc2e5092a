package dev.sam2j.weights.safetensors;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.sam2j.common.io.AtomicFiles;
import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.host.HalfPrecision;
import dev.sam2j.tensor.weights.WeightSource;
import dev.sam2j.weights.CheckpointException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Writes a safetensors file from a source, tensor by tensor. */
final class SafetensorsWriter {
    private static final int BUFFER = 1 << 16;
    private static final int ALIGNMENT = 8;

    private final Path path;
    private final WeightSource source;
    private final List<String> names;

    SafetensorsWriter(Path path, WeightSource source, List<String> names) {
        this.path = path;
        this.source = source;
        this.names = names;
    }

    void write(Map<String, String> metadata) {
        try {
            AtomicFiles.write(path, out -> {
                byte[] header = header(metadata);
                ByteBuffer buffer = ByteBuffer.allocate(BUFFER).order(ByteOrder.LITTLE_ENDIAN);
                write(out, buffer.putLong(header.length));
                out.write(header);
                for (String name : names) {
                    writeTensor(out, name, buffer);
                }
            });
        } catch (IOException e) {
            throw new CheckpointException(e);
        }
    }

    private byte[] header(Map<String, String> metadata) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (JsonGenerator json = new JsonFactory().createGenerator(out)) {
            json.writeStartObject();
            if (!metadata.isEmpty()) {
                json.writeObjectFieldStart(SafetensorsReader.METADATA);
                for (Map.Entry<String, String> entry : metadata.entrySet()) {
                    json.writeStringField(entry.getKey(), entry.getValue());
                }
                json.writeEndObject();
            }
            long begin = 0;
            for (String name : names) {
                long end = begin
                        + source.shape(name).elements() * source.dtype(name).bytes();
                json.writeObjectFieldStart(name);
                json.writeStringField("dtype", source.dtype(name).name());
                json.writeFieldName("shape");
                int[] dims = source.shape(name).toArray();
                json.writeArray(dims, 0, dims.length);
                json.writeFieldName("data_offsets");
                json.writeArray(new long[] {begin, end}, 0, 2);
                json.writeEndObject();
                begin = end;
            }
            json.writeEndObject();
        }
        int padding = (ALIGNMENT - out.size() % ALIGNMENT) % ALIGNMENT;
        out.writeBytes(" ".repeat(padding).getBytes(StandardCharsets.US_ASCII));
        return out.toByteArray();
    }

    private void writeTensor(OutputStream out, String name, ByteBuffer buffer) throws IOException {
        float[] values = new float[Math.toIntExact(source.shape(name).elements())];
        source.read(name, values, 0);
        DType dtype = source.dtype(name);
        int step = BUFFER / dtype.bytes();
        for (int start = 0; start < values.length; start += step) {
            int end = Math.min(values.length, start + step);
            buffer.clear();
            switch (dtype) {
                case F32 -> {
                    buffer.asFloatBuffer().put(values, start, end - start);
                    buffer.position((end - start) * dtype.bytes());
                }
                case F16 -> {
                    for (int i = start; i < end; i++) {
                        buffer.putShort(HalfPrecision.toF16(values[i]));
                    }
                }
                case BF16 -> {
                    for (int i = start; i < end; i++) {
                        buffer.putShort(HalfPrecision.toBf16(values[i]));
                    }
                }
            }
            write(out, buffer);
        }
    }

    private static void write(OutputStream out, ByteBuffer filled) throws IOException {
        out.write(filled.array(), 0, filled.position());
    }
}
