package dev.sam2j.cli.segment;

/**
 * What the steps took, in milliseconds.
 *
 * @param load opening and checking the model, downloading included
 * @param encode looking at the picture; includes reading the encoder's weights
 * @param decode answering all prompts; includes reading the decoder's weights
 */
record Timings(double load, double encode, double decode) {
    /** All of it. */
    double total() {
        return load + encode + decode;
    }
}
