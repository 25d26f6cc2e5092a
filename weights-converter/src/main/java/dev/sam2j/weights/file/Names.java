package dev.sam2j.weights.file;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.sam2j.common.io.PrintableText;

/** Names of tensors. */
public final class Names {
    public static final int MAX_LENGTH = 512;

    private Names() {}

    /** Reads JSON that maps names to what is said of tensors, whoever wrote it; texts are at most so long. */
    public static JsonFactory json(int longestText) {
        return JsonFactory.builder()
                .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
                .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(8)
                        .maxNameLength(MAX_LENGTH)
                        .maxStringLength(longestText)
                        .build())
                .build();
    }

    /** Whether a tensor may be called so: not endless, and nothing a terminal would obey. */
    public static boolean isAcceptable(String name) {
        return name.length() <= MAX_LENGTH && PrintableText.isPrintable(name);
    }
}
