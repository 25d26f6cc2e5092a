package dev.sam2j.weights;

/**
 * A file to download and what it must be.
 *
 * @param name file name in the cache
 * @param path path below the server's base address
 * @param bytes exact size
 * @param sha256 hash in lower-case hexadecimal digits
 */
record RemoteFile(String name, String path, long bytes, String sha256) {}
