package dev.sam2j.predictors.image;

import java.util.List;
import java.util.function.Consumer;

/**
 * How picture files are read.
 *
 * @param maxPixels largest accepted width times height; larger pictures are refused before memory is taken for them
 * @param maxFileBytes largest accepted file in bytes
 * @param applyOrientation whether to turn and mirror the picture as its EXIF orientation says, so that it stands as
 *     viewers show it; the reference implementation of SAM 2 ignores the orientation
 * @param page which page of a TIFF file, from 0; every other file has page 0 only
 * @param channels which samples of each pixel of a TIFF file, from 0: one for grey, three for red, green and blue, none
 *     for what the file says its colours are (the first of several equal channels)
 * @param window which samples become black and white
 * @param notices is told, in a sentence that starts with the file's name, what was chosen for the reader where a file
 *     leaves a choice: the page, the channels, the window
 */
public record ReadOptions(
        long maxPixels,
        long maxFileBytes,
        boolean applyOrientation,
        int page,
        List<Integer> channels,
        WindowChoice window,
        Consumer<String> notices) {
    /** Up to 2<sup>28</sup> pixels and 2<sup>29</sup> bytes, EXIF orientation applied, nobody told. */
    public static final ReadOptions DEFAULT =
            new ReadOptions(1L << 28, 1L << 29, true, 0, List.of(), WindowChoice.usual(), notice -> {});

    /** Checks that the limits are positive, the page is not negative, and channels are none, one or three. */
    public ReadOptions {
        if (maxPixels < 1 || maxFileBytes < 1) {
            throw new IllegalArgumentException("read options: limits must be positive, got " + maxPixels
                    + " pixels and " + maxFileBytes + " bytes");
        }
        if (page < 0) {
            throw new IllegalArgumentException("read options: pages count from 0, got " + page);
        }
        channels = List.copyOf(channels);
        if (channels.size() > 3 || channels.size() == 2 || channels.stream().anyMatch(channel -> channel < 0)) {
            throw new IllegalArgumentException(
                    "read options: one or three channels, counted from 0, are wanted, got " + channels);
        }
    }

    /** These options with another limit of pixels. */
    public ReadOptions withMaxPixels(long pixels) {
        return new ReadOptions(pixels, maxFileBytes, applyOrientation, page, channels, window, notices);
    }

    /** These options with another limit of bytes. */
    public ReadOptions withMaxFileBytes(long bytes) {
        return new ReadOptions(maxPixels, bytes, applyOrientation, page, channels, window, notices);
    }

    /** These options with the EXIF orientation applied or ignored. */
    public ReadOptions withOrientation(boolean apply) {
        return new ReadOptions(maxPixels, maxFileBytes, apply, page, channels, window, notices);
    }

    /** These options for another page, counted from 0. */
    public ReadOptions withPage(int index) {
        return new ReadOptions(maxPixels, maxFileBytes, applyOrientation, index, channels, window, notices);
    }

    /** These options with other channels: none, one or three, counted from 0. */
    public ReadOptions withChannels(List<Integer> indices) {
        return new ReadOptions(maxPixels, maxFileBytes, applyOrientation, page, indices, window, notices);
    }

    /** These options with a window. */
    public ReadOptions withWindow(WindowChoice choice) {
        return new ReadOptions(maxPixels, maxFileBytes, applyOrientation, page, channels, choice, notices);
    }

    /** These options with one window for all pictures: that of the first where it was left to each. */
    public ReadOptions withSteadyWindow() {
        return window == WindowChoice.usual() ? withWindow(WindowChoice.ofFirst()) : this;
    }

    /** These options with somebody who is told what was chosen. */
    public ReadOptions withNotices(Consumer<String> listener) {
        return new ReadOptions(maxPixels, maxFileBytes, applyOrientation, page, channels, window, listener);
    }
}
