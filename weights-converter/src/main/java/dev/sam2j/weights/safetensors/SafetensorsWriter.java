package dev.sam2j.weights.safetensors;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.sam2j.common.io.AtomicFiles;
import dev.sam2j.tensor.weights.WeightSource;
import dev.sam2j.weights.CheckpointException;
import dev.sam2j.weights.file.TensorBytes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Writes a safetensors file from a source, tensor by tensor. */
final class SafetensorsWriter {
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
                out.write(ByteBuffer.allocate(Long.BYTES)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(header.length)
                        .array());
                out.write(header);
                for (String name : names) {
                    TensorBytes.write(source.read(name), source.dtype(name), out);
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
}
