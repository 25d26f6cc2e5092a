package dev.sam2j.predictors.image;

import java.io.IOException;

/** A whole file of a kind that is not read; the message says which, to follow "is". */
final class UnsupportedPictureException extends IOException {
    private static final long serialVersionUID = 1L;

    UnsupportedPictureException(String kind) {
        super(kind);
    }
}
