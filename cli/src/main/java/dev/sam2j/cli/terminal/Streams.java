package dev.sam2j.cli.terminal;

/** Where a run of the command speaks, and how much it tells. */
public interface Streams {
    /** Where results go. */
    Terminal out();

    /** Where messages go. */
    Terminal err();

    /** Whether failures are shown with their stack traces. */
    boolean debug();

    /** Whether only failures are told. */
    boolean quiet();
}
