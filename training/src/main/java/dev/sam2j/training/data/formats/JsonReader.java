package dev.sam2j.training.data.formats;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.exc.StreamReadException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import dev.sam2j.training.TrainingException;
import dev.sam2j.training.data.Text;
import java.io.CharConversionException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.OptionalLong;

/** JSON of unknown origin, token by token; what is wrong with it is told in one sentence. */
final class JsonReader implements AutoCloseable {
    private static final int MAX_DEPTH = 64;
    private static final int MAX_DIGITS = 1000;
    /** Characters of a name or text that is looked at: the compressed mask of a large picture. */
    private static final int MAX_TEXT = 1 << 24;
    /** Numbers of an array that is looked at. */
    private static final int MAX_NUMBERS = 1 << 22;

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxNumberLength(MAX_DIGITS)
                    .maxStringLength(MAX_TEXT)
                    .build())
            // No table of names: it is what colliding names slow down.
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .build();

    private final Path file;
    private final JsonParser parser;

    private JsonReader(Path file, JsonParser parser) {
        this.file = file;
        this.parser = parser;
    }

    private interface Step<T> {
        T take() throws IOException;
    }

    /**
     * Opens a file that holds an object, and enters it.
     *
     * @throws TrainingException if it cannot be read, or is something else
     */
    static JsonReader openObject(Path file) {
        if (Files.isDirectory(file)) {
            throw new TrainingException(file + " is a folder, not a JSON file");
        }
        try {
            JsonReader json = new JsonReader(file, FACTORY.createParser(Files.newInputStream(file)));
            if (json.tried(json.parser::nextToken) != JsonToken.START_OBJECT) {
                json.close();
                throw new TrainingException(file + " holds no JSON object");
            }
            return json;
        } catch (IOException e) {
            throw Text.unreadable(file, e);
        }
    }

    boolean isArray() {
        return parser.hasToken(JsonToken.START_ARRAY);
    }

    boolean isObject() {
        return parser.hasToken(JsonToken.START_OBJECT);
    }

    boolean isNumber() {
        return parser.currentToken().isNumeric();
    }

    boolean isText() {
        return parser.hasToken(JsonToken.VALUE_STRING);
    }

    boolean isTrue() {
        return parser.hasToken(JsonToken.VALUE_TRUE);
    }

    /** Moves to the next value of the array that has begun; false at its end. */
    boolean nextElement() {
        return tried(parser::nextToken) != JsonToken.END_ARRAY;
    }

    /** Moves to the next value of the object that has begun and returns its name, or null at the object's end. */
    String nextField() {
        String name = tried(parser::nextFieldName);
        if (name != null) {
            tried(parser::nextToken);
        }
        return name;
    }

    /** Moves to the end of the value that begins here. */
    void skip() {
        tried(parser::skipChildren);
    }

    /** The text here, null if it is none; what is here is left behind. */
    String text() {
        if (!isText()) {
            skip();
            return null;
        }
        return tried(parser::getText);
    }

    /** The whole number here, if it is one; what is here is left behind. */
    OptionalLong whole() {
        if (!isArray() && !isObject() && isNumber()) {
            double value = tried(parser::getDoubleValue);
            if (Math.abs(value) < 1L << 53 && value == Math.rint(value)) {
                return OptionalLong.of((long) value);
            }
        }
        skip();
        return OptionalLong.empty();
    }

    /** The number here as float64; infinite if it is larger. */
    double number() {
        return tried(parser::getDoubleValue);
    }

    /** The numbers of the array that begins here, or null if it is none or holds something else; leaves it behind. */
    double[] numbers() {
        if (!isArray()) {
            skip();
            return null;
        }
        double[] values = new double[4];
        int count = 0;
        boolean good = true;
        while (nextElement()) {
            good &= isNumber();
            if (count == MAX_NUMBERS) {
                throw failure("an array has more than the limit of " + MAX_NUMBERS + " numbers" + line());
            }
            if (good) {
                values = count == values.length ? Arrays.copyOf(values, 2 * count) : values;
                values[count++] = number();
            }
            skip();
        }
        return good ? Arrays.copyOf(values, count) : null;
    }

    /** The numbers of an array of arrays of two, as {@link #numbers} of one. */
    double[] points() {
        if (!isArray()) {
            skip();
            return null;
        }
        double[] values = new double[16];
        int count = 0;
        boolean good = true;
        while (nextElement()) {
            double[] point = numbers();
            good &= point != null && point.length == 2;
            if (count == MAX_NUMBERS) {
                throw failure("an array has more than the limit of " + MAX_NUMBERS + " numbers" + line());
            }
            if (good) {
                values = count == values.length ? Arrays.copyOf(values, 2 * count) : values;
                values[count++] = point[0];
                values[count++] = point[1];
            }
        }
        return good ? Arrays.copyOf(values, count) : null;
    }

    /** What is wrong with the file, in one sentence. */
    TrainingException failure(String problem) {
        return new TrainingException(file + ": " + problem);
    }

    private <T> T tried(Step<T> step) {
        try {
            return step.take();
        } catch (StreamConstraintsException e) {
            throw failure("the limits of JSON are passed" + line() + ": " + MAX_DEPTH + " levels, numbers of "
                    + MAX_DIGITS + " digits, texts of " + (MAX_TEXT >> 20) + " MB");
        } catch (StreamReadException e) {
            throw new TrainingException(file + " is not JSON or is cut off, wrong" + line(), e);
        } catch (CharConversionException e) {
            throw new TrainingException(file + " is not JSON: it is not text in UTF-8", e);
        } catch (IOException e) {
            throw Text.unreadable(file, e);
        }
    }

    private String line() {
        return " in line " + parser.currentLocation().getLineNr();
    }

    @Override
    public void close() {
        tried(() -> {
            parser.close();
            return null;
        });
    }
}
