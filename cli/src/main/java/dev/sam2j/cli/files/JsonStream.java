package dev.sam2j.cli.files;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.exc.StreamReadException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sam2j.cli.terminal.CliException;
import java.io.CharConversionException;
import java.io.IOException;

/**
 * JSON of unknown origin, token by token: whatever a file claims, no more of it is held than the reader asks for, and
 * what is wrong with it is told in one sentence. {@code NaN} and {@code Infinity}, which Python writes, are numbers.
 */
public final class JsonStream implements AutoCloseable {
    private static final int MAX_DEPTH = 64;
    private static final int MAX_DIGITS = 1000;
    private static final int MAX_TEXT = 1 << 20;

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxNumberLength(MAX_DIGITS)
                    .maxStringLength(MAX_TEXT)
                    .maxNameLength(MAX_TEXT)
                    .build())
            // No table of names: it is what colliding names slow down.
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .build();

    private final InputFile file;
    private final JsonParser parser;
    /** Values that a tree may still have. */
    private int left;

    private JsonStream(InputFile file, JsonParser parser) {
        this.file = file;
        this.parser = parser;
    }

    private interface Step<T> {
        T take() throws IOException;
    }

    /**
     * Opens a file and moves to its first token.
     *
     * @throws CliException if it cannot be read, is empty or is not JSON
     */
    public static JsonStream open(InputFile file) {
        try {
            JsonStream json = new JsonStream(file, FACTORY.createParser(file.open()));
            if (json.tried(json.parser::nextToken) == null) {
                json.close();
                throw CliException.failure(file + " is empty");
            }
            return json;
        } catch (IOException e) {
            throw file.unreadable(e);
        }
    }

    /** Whether an array begins here. */
    public boolean isArray() {
        return parser.hasToken(JsonToken.START_ARRAY);
    }

    /** Whether an object begins here. */
    public boolean isObject() {
        return parser.hasToken(JsonToken.START_OBJECT);
    }

    /** Whether a number stands here. */
    public boolean isNumber() {
        return parser.currentToken().isNumeric();
    }

    /** Whether a text stands here. */
    public boolean isText() {
        return parser.hasToken(JsonToken.VALUE_STRING);
    }

    /** Moves to the next value of the array that has begun; false at its end. */
    public boolean nextElement() {
        return tried(parser::nextToken) != JsonToken.END_ARRAY;
    }

    /** Moves to the next value of the object that has begun and returns its name, or null at the object's end. */
    public String nextField() {
        String name = tried(parser::nextFieldName);
        if (name != null) {
            tried(parser::nextToken);
        }
        return name;
    }

    /** Moves to the end of the value that begins here. */
    public void skip() {
        tried(parser::skipChildren);
    }

    /** The number here as float64; infinite if it is larger. */
    public double number() {
        return tried(parser::getDoubleValue);
    }

    /** The text here, or that of a number or a constant. */
    public String text() {
        return tried(parser::getText);
    }

    /** The number or text here, or null if it is neither; an array or an object is left behind. */
    public JsonNode scalar() {
        if (isArray() || isObject()) {
            skip();
            return null;
        }
        if (isText()) {
            return JsonNodeFactory.instance.textNode(text());
        }
        return isNumber() ? tried(this::numberNode) : null;
    }

    /** The number that begins here; a mapper would make more garbage of it, and files have millions. */
    private JsonNode numberNode() throws IOException {
        JsonNodeFactory nodes = JsonNodeFactory.instance;
        return switch (parser.getNumberType()) {
            case INT -> nodes.numberNode(parser.getIntValue());
            case LONG -> nodes.numberNode(parser.getLongValue());
            case BIG_INTEGER -> nodes.numberNode(parser.getBigIntegerValue());
            default -> nodes.numberNode(parser.getDoubleValue());
        };
    }

    /** The numbers of the array that begins here, or null if it is none or has not as many; leaves it behind. */
    public double[] numbers(int count) {
        if (!isArray()) {
            skip();
            return null;
        }
        double[] values = new double[count];
        int at = 0;
        boolean good = true;
        while (nextElement()) {
            good &= isNumber() && at < count;
            if (good) {
                values[at] = number();
            }
            at++;
            skip();
        }
        return good && at == count ? values : null;
    }

    /**
     * The value that begins here as a tree, for parts of a file that are known to be small.
     *
     * @throws CliException if it has more than that many values
     */
    public JsonNode tree(int most, String what) {
        left = most;
        return tree(what + " has more than the limit of " + most + " values");
    }

    private JsonNode tree(String tooLarge) {
        if (left-- == 0) {
            throw failure(tooLarge);
        }
        if (isArray()) {
            ArrayNode array = JsonNodeFactory.instance.arrayNode();
            while (nextElement()) {
                array.add(tree(tooLarge));
            }
            return array;
        }
        if (isObject()) {
            ObjectNode object = JsonNodeFactory.instance.objectNode();
            for (String name = nextField(); name != null; name = nextField()) {
                object.set(name, tree(tooLarge));
            }
            return object;
        }
        if (parser.currentToken().isBoolean()) {
            return JsonNodeFactory.instance.booleanNode(parser.hasToken(JsonToken.VALUE_TRUE));
        }
        JsonNode scalar = scalar();
        return scalar == null ? JsonNodeFactory.instance.nullNode() : scalar;
    }

    /** Makes sure that nothing follows the value that ends here. */
    public void end() {
        if (tried(parser::nextToken) != null) {
            throw failure("something follows the end of the JSON" + line());
        }
    }

    private String line() {
        return " in line " + parser.currentLocation().getLineNr();
    }

    /** What is wrong with the file, in one sentence. */
    public CliException failure(String problem) {
        return file.failure(problem);
    }

    private <T> T tried(Step<T> step) {
        try {
            return step.take();
        } catch (StreamConstraintsException e) {
            throw failure("the limits of JSON are passed" + line() + ": " + MAX_DEPTH + " levels, numbers of "
                    + MAX_DIGITS + " digits, texts of " + (MAX_TEXT >> 20) + " MB");
        } catch (JsonEOFException e) {
            throw failure("the JSON ends too early" + line() + ", the file is cut off");
        } catch (StreamReadException e) {
            int column = e.getLocation() == null ? 0 : e.getLocation().getColumnNr();
            throw CliException.failure(file + " is not JSON, wrong" + line() + ", column " + column, e);
        } catch (CharConversionException e) {
            throw CliException.failure(file + " is not JSON: it is not text in UTF-8", e);
        } catch (IOException e) {
            throw file.unreadable(e);
        }
    }

    @Override
    public void close() {
        tried(() -> {
            parser.close();
            return null;
        });
    }
}
