package dev.sam2j.weights;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.FileChannel;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One file over HTTP into a {@link PartialFile}; each attempt continues where the last one stopped. */
final class HttpTransfer {
    private static final int PIECE = 1 << 16;
    private static final Pattern CONTENT_RANGE = Pattern.compile("bytes (\\d{1,18})-(\\d{1,18})/(\\d{1,18}|\\*)");

    private final HttpClient client;
    private final URI url;
    private final Duration stallTimeout;
    private final PartialFile part;
    private final DownloadListener listener;

    HttpTransfer(HttpClient client, URI url, Duration stallTimeout, PartialFile part, DownloadListener listener) {
        this.client = client;
        this.url = url;
        this.stallTimeout = stallTimeout;
        this.part = part;
        this.listener = listener;
    }

    /** The server has no such file or another one; trying again is no use. */
    static final class RefusedException extends Exception {
        private static final long serialVersionUID = 1L;

        RefusedException(String message) {
            super(message);
        }
    }

    /** The transfer broke off; what came is in the partial file. */
    static final class InterruptedTransferException extends Exception {
        private static final long serialVersionUID = 1L;

        InterruptedTransferException(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /**
     * Makes one request and stores what comes.
     *
     * @throws IOException if the partial file cannot be written
     */
    void attempt() throws IOException, RefusedException, InterruptedTransferException {
        long have = part.size();
        HttpResponse<InputStream> response = send(request(have));
        try (InputStream body = response.body();
                StallGuard guard = new StallGuard(body, stallTimeout)) {
            switch (response.statusCode()) {
                case 200 -> {
                    checkLength(response, part.total());
                    part.restart(strongTag(response));
                    store(body, guard);
                }
                case 206 -> {
                    checkRange(response, have);
                    store(body, guard);
                }
                case 416 -> {
                    part.discard();
                    throw new InterruptedTransferException("the server cannot continue the file", null);
                }
                default -> fail(response.statusCode());
            }
        }
    }

    private HttpRequest request(long have) throws IOException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(url).timeout(stallTimeout).header("User-Agent", "sam2j");
        if (have > 0) {
            request.header("Range", "bytes=" + have + "-");
            String tag = part.tag();
            if (tag != null) {
                request.header("If-Range", tag);
            }
        }
        return request.build();
    }

    private HttpResponse<InputStream> send(HttpRequest request) throws InterruptedTransferException {
        try {
            return client.send(request, HttpResponse.BodyHandlers.ofInputStream());
        } catch (IOException e) {
            throw new InterruptedTransferException(reason(e), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedTransferException("interrupted", e);
        }
    }

    private static void fail(int status) throws RefusedException, InterruptedTransferException {
        String message = "the server answered with status " + status;
        if (status == 408 || status == 429 || status >= 500) {
            throw new InterruptedTransferException(message, null);
        }
        throw new RefusedException(message);
    }

    private static void checkLength(HttpResponse<?> response, long expected) throws RefusedException {
        long length = response.headers().firstValueAsLong("Content-Length").orElse(expected);
        if (length != expected) {
            throw new RefusedException("the server's file has " + length + " bytes instead of " + expected);
        }
    }

    private void checkRange(HttpResponse<?> response, long have)
            throws IOException, RefusedException, InterruptedTransferException {
        Matcher range = CONTENT_RANGE.matcher(
                response.headers().firstValue("Content-Range").orElse(""));
        if (!range.matches() || Long.parseLong(range.group(1)) != have) {
            part.discard();
            throw new InterruptedTransferException("the server sent another range than asked for", null);
        }
        if (!range.group(3).equals("*") && Long.parseLong(range.group(3)) != part.total()) {
            throw new RefusedException("the server's file has " + range.group(3) + " bytes instead of " + part.total());
        }
    }

    /** A weak tag does not promise equal bytes and may not be sent with If-Range. */
    private static String strongTag(HttpResponse<?> response) {
        return response.headers()
                .firstValue("ETag")
                .filter(tag -> tag.startsWith("\""))
                .orElse(null);
    }

    private void store(InputStream body, StallGuard guard)
            throws IOException, RefusedException, InterruptedTransferException {
        long size = part.size();
        byte[] piece = new byte[PIECE];
        try (FileChannel out = part.append()) {
            while (true) {
                int count = read(body, piece, guard);
                if (count < 0) {
                    break;
                }
                if (size + count > part.total()) {
                    part.discard();
                    throw new RefusedException("the server sent more than " + part.total() + " bytes");
                }
                PartialFile.write(out, piece, count);
                size += count;
                listener.progress(size, part.total());
            }
        }
        if (size < part.total()) {
            throw new InterruptedTransferException(
                    "the connection ended after " + size + " of " + part.total() + " bytes", null);
        }
    }

    private static int read(InputStream body, byte[] piece, StallGuard guard) throws InterruptedTransferException {
        try {
            int count = body.read(piece);
            guard.touch();
            return count;
        } catch (IOException e) {
            throw new InterruptedTransferException(guard.fired() ? "no data came for too long" : reason(e), e);
        }
    }

    private static String reason(IOException e) {
        if (e.getMessage() != null) {
            return e.getMessage();
        }
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof UnresolvedAddressException) {
                return "the server's address is unknown, is the network down?";
            }
        }
        return e instanceof ConnectException
                ? "the server cannot be reached"
                : e.getClass().getSimpleName();
    }
}
