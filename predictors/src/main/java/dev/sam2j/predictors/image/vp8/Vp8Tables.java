package dev.sam2j.predictors.image.vp8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;

/** The numbers of RFC 6386 that a key frame is decoded with, read from {@code vp8.tables} in this order. */
final class Vp8Tables {
    static final int MODES = 10;
    /** Types of blocks, bands of coefficients, contexts, nodes of the token tree. */
    static final int COEFFICIENTS = 4 * 8 * 3 * 11;

    /** Section 11.5: nine nodes for each pair of the modes above and to the left. */
    static final int[] SUBBLOCK_MODES = new int[MODES * MODES * 9];
    /** Section 13.5. */
    static final int[] DEFAULT_COEFFICIENTS = new int[COEFFICIENTS];
    /** Section 13.4. */
    static final int[] COEFFICIENT_UPDATES = new int[COEFFICIENTS];
    /** Section 14.1, for the first coefficient. */
    static final int[] DC_STEP = new int[128];
    /** Section 14.1, for all others. */
    static final int[] AC_STEP = new int[128];

    static {
        try (InputStream in = Vp8Tables.class.getResourceAsStream("vp8.tables")) {
            ByteBuffer bytes = ByteBuffer.wrap(in.readAllBytes());
            for (int[] table : new int[][] {SUBBLOCK_MODES, DEFAULT_COEFFICIENTS, COEFFICIENT_UPDATES, DC_STEP}) {
                for (int i = 0; i < table.length; i++) {
                    table[i] = bytes.get() & 255;
                }
            }
            for (int i = 0; i < AC_STEP.length; i++) {
                AC_STEP[i] = bytes.getShort();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Vp8Tables() {}
}
