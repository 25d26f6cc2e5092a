package dev.sam2j.weights.file;

import dev.sam2j.common.io.PrintableText;

/** Names of tensors. */
public final class Names {
    public static final int MAX_LENGTH = 512;

    private Names() {}

    /** Whether a tensor may be called so: not endless, and nothing a terminal would obey. */
    public static boolean isAcceptable(String name) {
        return name.length() <= MAX_LENGTH && PrintableText.isPrintable(name);
    }
}
