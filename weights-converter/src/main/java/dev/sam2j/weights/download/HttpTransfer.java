package dev.sam2j.weights.download;

import dev.sam2j.Sam2jException;
import dev.sam2j.weights.DownloadListener;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** One file over HTTP into a {@link PartialFile}; each attempt continues where the last one stopped. */
public final class HttpTransfer {
    private static final String REDIRECT = "the server redirects to a malformed address";
    private static final Pattern CONTENT_RANGE = Pattern.compile("bytes (\\d{1,18})-(\\d{1,18})/(\\d{1,18}|\\*)");

    private final HttpClient client;
    private final URI url;
    private final Duration stallTimeout;
    private final PartialFile part;
    private final DownloadListener listener;

    /** A transfer that continues what the partial file has. */
    public HttpTransfer(
            HttpClient client, URI url, Duration stallTimeout, PartialFile part, DownloadListener listener) {
        this.client = client;
        this.url = url;
        this.stallTimeout = stallTimeout;
        this.part = part;
        this.listener = listener;
    }

    /** The server has no such file or another one; trying again is no use. */
    public static final class RefusedException extends Sam2jException {
        private static final long serialVersionUID = 1L;

        RefusedException(String message) {
            super(message);
        }
    }

    /** The transfer broke off; what came is in the partial file. */
    public static final class InterruptedTransferException extends Sam2jException {
        private static final long serialVersionUID = 1L;

        InterruptedTransferException(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /**
     * Makes one request and stores what comes.
     *
     * @throws IOException if the partial file cannot be written
     * @throws InterruptedException if the thread was interrupted; what came by then is stored
     */
    public void attempt() throws IOException, InterruptedException {
        long have = part.size();
        HttpResponse<ResponseBody> response = send(request(have));
        try (ResponseBody body = response.body()) {
            switch (response.statusCode()) {
                case 200 -> {
                    checkLength(response, part.total());
                    part.restart(strongTag(response));
                    store(body);
                }
                case 206 -> {
                    checkRange(response, have);
                    store(body);
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

    private HttpResponse<ResponseBody> send(HttpRequest request) throws InterruptedException {
        try {
            return client.send(request, head -> new ResponseBody());
        } catch (IOException e) {
            if (isCausedBy(e, IllegalArgumentException.class)) { // a malformed address
                throw new RefusedException(REDIRECT);
            }
            throw new InterruptedTransferException(reason(e), e);
        } catch (IllegalArgumentException | UncheckedIOException e) { // what the client makes of a bad Location
            throw new RefusedException(REDIRECT);
        }
    }

    /** The client wraps causes once on Java 17 and twice on 25; those of a class below the given one do not count. */
    private static boolean isCausedBy(IOException e, Class<? extends Exception> exactly) {
        return Stream.<Throwable>iterate(e, Objects::nonNull, Throwable::getCause)
                .anyMatch(cause -> cause.getClass() == exactly);
    }

    private static void fail(int status) {
        String message = "the server answered with status " + status;
        if (status == 408 || status == 429 || status >= 500) {
            throw new InterruptedTransferException(message, null);
        }
        throw new RefusedException(message);
    }

    private static void checkLength(HttpResponse<?> response, long expected) {
        long length = response.headers().firstValueAsLong("Content-Length").orElse(expected);
        if (length != expected) {
            throw new RefusedException("the server's file has " + length + " bytes instead of " + expected);
        }
    }

    private void checkRange(HttpResponse<?> response, long have) throws IOException {
        Matcher range = CONTENT_RANGE.matcher(
                response.headers().firstValue("Content-Range").orElse(""));
        if (!range.matches() || Long.parseLong(range.group(1)) != have) {
            part.discard();
            throw new InterruptedTransferException("the server sent another range than asked for", null);
        }
        boolean same = range.group(3).equals("*") || Long.parseLong(range.group(3)) == part.total();
        String before = part.tag();
        String now = strongTag(response);
        if (!same || before != null && now != null && !before.equals(now)) {
            part.discard();
            throw new InterruptedTransferException("the server's file has changed", null);
        }
    }

    private static String strongTag(HttpResponse<?> response) {
        return response.headers()
                .firstValue("ETag")
                .filter(PartialFile::isStrong)
                .orElse(null);
    }

    private void store(ResponseBody body) throws IOException, InterruptedException {
        long size = part.size();
        try (OutputStream out = part.append()) {
            for (List<ByteBuffer> bytes = next(body); !bytes.isEmpty(); bytes = next(body)) {
                for (ByteBuffer piece : bytes) {
                    if (size + piece.remaining() > part.total()) {
                        part.discard();
                        throw new RefusedException("the server sent more than " + part.total() + " bytes");
                    }
                    byte[] copy = new byte[piece.remaining()];
                    piece.get(copy);
                    out.write(copy);
                    size += copy.length;
                }
                listener.progress(size, part.total());
            }
        }
        if (size < part.total()) {
            throw new InterruptedTransferException(
                    "the connection ended after " + size + " of " + part.total() + " bytes", null);
        }
    }

    private List<ByteBuffer> next(ResponseBody body) throws InterruptedException {
        try {
            return body.next(stallTimeout);
        } catch (IOException e) {
            throw new InterruptedTransferException(reason(e), e);
        }
    }

    private static String reason(IOException e) {
        if (e.getMessage() != null) {
            return e.getMessage();
        }
        if (isCausedBy(e, UnresolvedAddressException.class)) {
            return "the server's address is unknown, is the network down?";
        }
        return e instanceof ConnectException
                ? "the server cannot be reached"
                : e.getClass().getSimpleName();
    }
}
