package dev.sam2j.common.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrintableTextTest {
    private static final String SMILE = Character.toString(0x1F600);

    @Test
    void ordinaryTextOfAnyScriptStays() {
        String text = "C:\\new\\\u00e4 \u043c\u0438\u0440 \u05e9\u05dc\u05d5\u05dd \u4e2d " + SMILE;
        assertSame(text, PrintableText.escaped(text));
        assertTrue(PrintableText.isPrintable(text));
    }

    @ParameterizedTest
    @ValueSource(
            ints = {
                0, 7, '\b', '\t', '\n', '\r', 0x1b, 0x7f, 0x85, 0x9b, 0xad, 0x61c, 0x200b, 0x200d, 0x200e, 0x200f,
                0x2028, 0x2029, 0x202a, 0x202e, 0x2066, 0x2069, 0xfeff, 0xd800, 0xdfff
            })
    void whatATerminalObeysIsShown(int unit) {
        String text = "a" + (char) unit + "b";
        assertEquals(String.format(java.util.Locale.ROOT, "a\\u%04xb", unit), PrintableText.escaped(text));
        assertFalse(PrintableText.isPrintable(text));
    }

    @Test
    void supplementaryFormattingIsTwoUnits() {
        assertEquals("\\udb40\\udc41", PrintableText.escaped(Character.toString(0xE0041)));
    }

    @Test
    void longTextIsCutBetweenCharacters() {
        assertEquals("x".repeat(100) + "...", PrintableText.shortened("x".repeat(101)));
        assertEquals("x".repeat(100), PrintableText.shortened("x".repeat(100)));
        assertEquals("\\u001b" + "x" + "...", PrintableText.shortened("\u001bxyz", 2));
        assertEquals("x" + SMILE + "...", PrintableText.shortened("x" + SMILE + "yz", 2), "no half pair");
    }
}
