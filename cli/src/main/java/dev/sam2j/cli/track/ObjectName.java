package dev.sam2j.cli.track;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * What a user calls an object: a 64-bit number, or a text, which is not the same as the number it may look like.
 *
 * @param number null for a text
 * @param text null for a number
 */
record ObjectName(Long number, String text) {
    private static final int MAX_BYTES = 80;
    private static final Pattern NUMBER = Pattern.compile("[+-]?[0-9][0-9.]*(?:[eE][+-]?[0-9]+)?");

    private static final String EXPECTED = "expected a whole number of 64 bits or a name of up to " + MAX_BYTES
            + " bytes without commas and control characters, got ";

    /**
     * Reads a name from an option: a number if it looks like one.
     *
     * @throws IllegalArgumentException with the reason if it cannot be one
     */
    static ObjectName parse(String option) {
        String text = option.strip();
        if (!NUMBER.matcher(text).matches()) {
            return ofText(text);
        }
        try {
            return new ObjectName(Long.parseLong(text), null);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(EXPECTED + "'" + text + "'", e);
        }
    }

    /**
     * Reads a name from JSON.
     *
     * @throws IllegalArgumentException with the reason if it cannot be one
     */
    static ObjectName of(JsonNode value) {
        if (value.isTextual()) {
            return ofText(value.textValue());
        }
        if (!value.isIntegralNumber() || !value.canConvertToLong()) {
            throw new IllegalArgumentException(EXPECTED + StepsFile.kind(value));
        }
        return new ObjectName(value.longValue(), null);
    }

    private static ObjectName ofText(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        boolean usable = !text.isBlank()
                && bytes.length <= MAX_BYTES
                && new String(bytes, StandardCharsets.UTF_8).equals(text) // not where a surrogate has no partner
                && text.indexOf(',') < 0
                && text.codePoints().noneMatch(Character::isISOControl);
        if (!usable) {
            throw new IllegalArgumentException(EXPECTED + (text.isBlank() ? "nothing" : "another text"));
        }
        return new ObjectName(null, text);
    }

    JsonNode toJson() {
        return number != null ? JsonNodeFactory.instance.numberNode(number) : JsonNodeFactory.instance.textNode(text);
    }

    /** A name for a folder, another one for each object: all but ASCII letters and digits is escaped as in URLs. */
    String folder() {
        if (number != null) {
            return Long.toString(number);
        }
        String name = URLEncoder.encode(text, StandardCharsets.UTF_8)
                .replace("+", "%20")
                .replace(".", "%2E")
                .replace("*", "%2A");
        boolean likeNumber = NUMBER.matcher(text).matches() && name.charAt(0) != '%';
        return likeNumber ? String.format(Locale.ROOT, "%%%02X%s", (int) name.charAt(0), name.substring(1)) : name;
    }

    @Override
    public String toString() {
        return number != null ? Long.toString(number) : text;
    }
}
