package dev.sam2j.common.io;

import java.util.Locale;

/**
 * Text of untrusted origin, such as names and values out of files, for people's terminals and logs. Whatever a terminal
 * would obey or a reader would be misled by is shown escaped as in JSON, for example <code>&#92;u001b</code>: control
 * characters, line and paragraph separators, invisible and bidirectional formatting, and half surrogate pairs.
 */
public final class PrintableText {
    private static final int SHOWN = 100;

    private PrintableText() {}

    /** The text on one line. */
    public static String escaped(String text) {
        return isPrintable(text) ? text : escape(text, text.length());
    }

    /** As {@link #escaped}, ending in {@code ...} after 100 characters. */
    public static String shortened(String text) {
        return shortened(text, SHOWN);
    }

    /** As {@link #escaped}, ending in {@code ...} after {@code length} characters. */
    public static String shortened(String text, int length) {
        return text.length() <= length ? escaped(text) : escape(text, length) + "...";
    }

    /** Whether the text is shown as it is. */
    public static boolean isPrintable(String text) {
        return text.codePoints().allMatch(PrintableText::isPrintable);
    }

    /** Whether a code point is shown as it is. */
    public static boolean isPrintable(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE -> false;
            default -> true;
        };
    }

    /** Appends a code point escaped, as one or two UTF-16 units. */
    public static void appendEscaped(StringBuilder to, int codePoint) {
        for (char unit : Character.toChars(codePoint)) {
            to.append(String.format(Locale.ROOT, "\\u%04x", (int) unit));
        }
    }

    private static String escape(String text, int length) {
        StringBuilder shown = new StringBuilder(length + 16);
        for (int i = 0; i < length; ) {
            int codePoint = text.codePointAt(i);
            if (isPrintable(codePoint)) {
                shown.appendCodePoint(codePoint);
            } else {
                appendEscaped(shown, codePoint);
            }
            i += Character.charCount(codePoint);
        }
        return shown.toString();
    }
}
