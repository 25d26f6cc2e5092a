package dev.sam2j.weights.safetensors;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import dev.sam2j.common.io.PrintableText;
import dev.sam2j.tensor.Shape;
import dev.sam2j.weights.CheckpointException;
import dev.sam2j.weights.file.CheckpointFile;
import dev.sam2j.weights.file.DataRange;
import dev.sam2j.weights.file.ElementType;
import dev.sam2j.weights.file.InputFile;
import dev.sam2j.weights.file.Names;
import dev.sam2j.weights.file.StoredTensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Parses and checks the header of a safetensors file. */
final class SafetensorsReader {
    static final String FORMAT = "safetensors";
    static final String METADATA = "__metadata__";

    /** The format allows 100 MB; 16 MiB is room for 50,000 tensors, a hundred times what the largest model has. */
    private static final int MAX_HEADER = 16 << 20;

    private static final int MAX_ENTRIES = 50_000;
    private static final int MAX_RANK = 32;
    private static final JsonFactory JSON = Names.json(MAX_HEADER);

    private final InputFile file;
    private final List<Placed> placed = new ArrayList<>();
    private final Map<String, String> metadata = new LinkedHashMap<>();
    private final long[] numbers = new long[MAX_RANK]; // of the list that is being read

    SafetensorsReader(InputFile file) {
        this.file = file;
    }

    /** What the header says of one tensor. */
    private record Placed(String name, ElementType type, long[] shape, long begin, long end) {}

    CheckpointFile read() {
        long length = file.size() < 8 ? -1 : file.buffer(0, 8).getLong();
        if (length < 2 || length > file.size() - 8) {
            throw damaged("its header length " + Long.toUnsignedString(length) + " does not fit a file of "
                    + file.size() + " bytes");
        }
        if (length > MAX_HEADER) {
            throw damaged("its header has " + length + " bytes, more than the " + MAX_HEADER + " allowed");
        }
        parse(file.bytes(8, (int) length));
        checkPlaces(file.size() - 8 - length);
        return build(8 + length);
    }

    private void parse(byte[] header) {
        // A lenient decoder would let two names that differ become the same.
        CharsetDecoder strict = StandardCharsets.UTF_8.newDecoder();
        try (JsonParser json =
                JSON.createParser(strict.decode(ByteBuffer.wrap(header)).toString())) {
            expect(json.nextToken(), JsonToken.START_OBJECT);
            while (json.nextToken() != JsonToken.END_OBJECT) {
                String name = json.currentName();
                json.nextToken();
                if (name.equals(METADATA)) {
                    metadata(json);
                } else {
                    placed.add(tensor(name, json));
                }
                checkEntries(placed.size());
            }
            if (json.nextToken() != null) {
                throw damaged("its header goes on after its end");
            }
        } catch (CharacterCodingException e) {
            throw new CheckpointException(file.path(), "the safetensors file is damaged: its header is not UTF-8", e);
        } catch (IOException e) {
            String message = e instanceof JsonProcessingException json ? json.getOriginalMessage() : e.getMessage();
            String reason =
                    message == null ? "not JSON" : message.lines().findFirst().orElse("not JSON");
            throw new CheckpointException(
                    file.path(),
                    "the safetensors file is damaged: its header is not valid (" + PrintableText.shortened(reason)
                            + ")",
                    e);
        }
    }

    private void metadata(JsonParser json) throws IOException {
        expect(json.currentToken(), JsonToken.START_OBJECT);
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String key = json.currentName();
            expect(json.nextToken(), JsonToken.VALUE_STRING);
            metadata.put(key, json.getText());
            checkEntries(metadata.size());
        }
    }

    private void checkEntries(int count) {
        if (count > MAX_ENTRIES) {
            throw damaged("its header has more than " + MAX_ENTRIES + " entries");
        }
    }

    private Placed tensor(String name, JsonParser json) throws IOException {
        if (!Names.isAcceptable(name)) {
            throw damaged("the name " + PrintableText.shortened(name) + " is not printable or too long");
        }
        expect(json.currentToken(), JsonToken.START_OBJECT);
        ElementType type = null;
        long[] shape = null;
        long[] offsets = null;
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String key = json.currentName();
            json.nextToken();
            switch (key) {
                case "dtype" -> type = type(name, json);
                case "shape" -> shape = longs(json);
                case "data_offsets" -> offsets = longs(json);
                default -> throw damaged("tensor " + name + " has the unknown key " + PrintableText.shortened(key));
            }
        }
        if (type == null || shape == null || offsets == null || offsets.length != 2) {
            throw damaged("tensor " + name + " lacks its dtype, shape or two data_offsets");
        }
        return new Placed(name, type, shape, offsets[0], offsets[1]);
    }

    private ElementType type(String name, JsonParser json) throws IOException {
        expect(json.currentToken(), JsonToken.VALUE_STRING);
        ElementType type = ElementType.ofSafetensors(json.getText());
        if (type == null) {
            throw damaged("tensor " + name + " has the unknown dtype " + PrintableText.shortened(json.getText()));
        }
        return type;
    }

    private long[] longs(JsonParser json) throws IOException {
        expect(json.currentToken(), JsonToken.START_ARRAY);
        int count = 0;
        while (json.nextToken() != JsonToken.END_ARRAY) {
            expect(json.currentToken(), JsonToken.VALUE_NUMBER_INT);
            long value = json.getLongValue();
            if (value < 0 || count == MAX_RANK) {
                throw damaged("a shape or offset is negative or has more than " + MAX_RANK + " numbers");
            }
            numbers[count++] = value;
        }
        return Arrays.copyOf(numbers, count);
    }

    private void expect(JsonToken actual, JsonToken expected) {
        if (actual != expected) {
            throw damaged("its header has " + actual + " where " + expected + " belongs");
        }
    }

    /**
     * Sorted by place, the tensors must follow each other from the first byte to the last, each as long as its shape
     * says.
     */
    private void checkPlaces(long dataLength) {
        List<Placed> sorted = new ArrayList<>(placed);
        sorted.sort(Comparator.comparingLong(Placed::begin).thenComparingLong(Placed::end));
        long end = 0;
        for (Placed tensor : sorted) {
            if (tensor.begin() != end) {
                throw damaged("tensor " + tensor.name() + " begins at byte " + tensor.begin()
                        + (tensor.begin() < end ? " and overlaps another that ends at " : " after a gap from ") + end);
            }
            if (tensor.end() > dataLength || tensor.end() - tensor.begin() != size(tensor)) {
                throw damaged("tensor " + tensor.name() + " of " + tensor.type() + " " + Arrays.toString(tensor.shape())
                        + " does not fit its place from " + tensor.begin() + " to " + tensor.end() + " in " + dataLength
                        + " bytes");
            }
            end = tensor.end();
        }
        if (end != dataLength) {
            throw damaged("its tensors end at byte " + end + " of " + dataLength);
        }
    }

    private long size(Placed tensor) {
        long size = tensor.type().bytes();
        try {
            for (long dim : tensor.shape()) {
                size = Math.multiplyExact(size, dim);
            }
        } catch (ArithmeticException e) {
            throw damaged("tensor " + tensor.name() + " has the overflowing shape " + Arrays.toString(tensor.shape()));
        }
        return size;
    }

    private CheckpointFile build(long dataStart) {
        Map<String, StoredTensor> tensors = new LinkedHashMap<>();
        Map<String, String> skipped = new LinkedHashMap<>();
        for (Placed tensor : placed) {
            long elements = (tensor.end() - tensor.begin()) / tensor.type().bytes();
            if (tensor.type().dtype() == null || elements == 0) {
                skipped.put(tensor.name(), tensor.type() + " " + Arrays.toString(tensor.shape()));
                continue;
            }
            if (elements > Integer.MAX_VALUE - 8) {
                throw damaged("tensor " + tensor.name() + " has more than 2^31 elements");
            }
            int[] dims =
                    Arrays.stream(tensor.shape()).mapToInt(Math::toIntExact).toArray();
            tensors.put(
                    tensor.name(),
                    StoredTensor.contiguous(
                            tensor.type(),
                            Shape.of(dims),
                            DataRange.plain(file, dataStart + tensor.begin(), tensor.end() - tensor.begin()),
                            ByteOrder.LITTLE_ENDIAN));
        }
        return new CheckpointFile(FORMAT, file.path(), file, tensors, skipped, metadata);
    }

    private CheckpointException damaged(String what) {
        return new CheckpointException(file.path(), "the safetensors file is damaged: " + what);
    }
}
