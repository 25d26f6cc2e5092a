package dev.sam2j.weights;

import dev.sam2j.common.io.PrintableText;

/** Names of tensors. */
final class Names {
    static final int MAX_LENGTH = 512;

    private Names() {}

    /** Whether a tensor may be called so: not endless, and nothing a terminal would obey. */
    static boolean isAcceptable(String name) {
        return name.length() <= MAX_LENGTH && PrintableText.isPrintable(name);
    }
}
