package dev.sam2j.weights.download;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * The body of a response as it arrives, a piece at a time. Unlike the HTTP client's own stream it hears interrupts and
 * gives up on a server that falls silent; the client's timeout ends with the response's headers.
 */
final class ResponseBody implements HttpResponse.BodySubscriber<ResponseBody>, AutoCloseable {
    private static final List<ByteBuffer> END = List.of();

    private final BlockingQueue<Arrival> arrived = new LinkedBlockingQueue<>();
    private volatile Flow.Subscription subscription;

    /** Bytes, {@link #END}, or what broke the transfer off. */
    private record Arrival(List<ByteBuffer> bytes, Throwable failure) {}

    @Override
    public CompletionStage<ResponseBody> getBody() {
        return CompletableFuture.completedStage(this);
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
        subscription = given;
        given.request(1);
    }

    @Override
    public void onNext(List<ByteBuffer> bytes) {
        if (bytes.isEmpty()) {
            subscription.request(1);
        } else {
            arrived.add(new Arrival(bytes, null));
        }
    }

    @Override
    public void onError(Throwable failure) {
        arrived.add(new Arrival(END, failure));
    }

    @Override
    public void onComplete() {
        arrived.add(new Arrival(END, null));
    }

    /**
     * Waits for the next bytes; empty at the end.
     *
     * @throws IOException if the transfer broke off, or nothing came for so long
     */
    List<ByteBuffer> next(Duration limit) throws IOException, InterruptedException {
        Arrival next = arrived.poll(limit.toNanos(), TimeUnit.NANOSECONDS);
        if (next == null) {
            throw new IOException("no data came for too long");
        }
        if (next.failure() != null) {
            throw next.failure() instanceof IOException e ? e : new IOException(next.failure());
        }
        if (!next.bytes().isEmpty()) {
            subscription.request(1);
        }
        return next.bytes();
    }

    /** Ends the transfer if it is not at its end. */
    @Override
    public void close() {
        subscription.cancel();
    }
}
