package dev.sam2j.training.optim;

import java.util.regex.Pattern;

/** Which parameters decay, as in the public recipe: all but biases and the weights of norms over tokens. */
public final class WeightDecay {
    /**
     * Norms over the channels of pictures are of another class in the public code than those over tokens, and their
     * weights decay. The others have numbers instead of names.
     */
    private static final Pattern CHANNEL_NORM =
            Pattern.compile("memory_encoder\\.fuser\\.layers\\.\\d+\\.norm\\.weight");

    private static final Pattern TOKEN_NORM = Pattern.compile("(.*\\.)?norm[^.]*\\.weight");

    private WeightDecay() {}

    /** Whether a parameter decays, by its name in the checkpoint. */
    public static boolean applies(String name) {
        return !name.contains("bias")
                && (CHANNEL_NORM.matcher(name).matches()
                        || !TOKEN_NORM.matcher(name).matches());
    }
}
