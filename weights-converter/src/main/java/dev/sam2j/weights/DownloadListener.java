package dev.sam2j.weights;

/** Hears how a download goes; called from the thread that downloads. */
public interface DownloadListener {
    /** A listener that does nothing. */
    DownloadListener NONE = (bytes, total) -> {};

    /**
     * Called after each piece, many times a second.
     *
     * @param bytes how much of the file is there, counting what an earlier attempt left; falls back if that had to be
     *     discarded
     * @param total size of the file
     */
    void progress(long bytes, long total);

    /** The transfer was interrupted and will be tried again after a pause. */
    default void retrying(String reason) {}

    /** The file is complete and its hash is being computed. */
    default void verifying() {}
}
