package dev.sam2j.predictors.image.pixels;

import java.io.IOException;

/** A whole file of a kind that is not read; the message says which, to follow "is". */
public final class UnsupportedPictureException extends IOException {
    private static final long serialVersionUID = 1L;

    /** Names the kind, as what a file is. */
    public UnsupportedPictureException(String kind) {
        super(kind);
    }
}
