package dev.sam2j.weights;

import java.net.URI;
import java.time.Duration;

/**
 * How to download.
 *
 * @param baseUrl address that the files' paths are appended to; ends in a slash
 * @param connectTimeout how long to wait for a connection
 * @param stallTimeout how long to wait for an answer or the next piece of data
 * @param attempts how often to try in a row without getting on
 * @param pause time before the second attempt; doubles from one to the next
 */
public record DownloadSettings(
        URI baseUrl, Duration connectTimeout, Duration stallTimeout, int attempts, Duration pause) {
    /** The official server. */
    public static final DownloadSettings OFFICIAL = new DownloadSettings(
            URI.create("https://dl.fbaipublicfiles.com/segment_anything_2/"),
            Duration.ofSeconds(15),
            Duration.ofSeconds(60),
            5,
            Duration.ofSeconds(1));

    /** These settings with another server. */
    public DownloadSettings withBaseUrl(URI url) {
        return new DownloadSettings(url, connectTimeout, stallTimeout, attempts, pause);
    }
}
