package dev.sam2j.weights;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A server on loopback that has one file, and the faults a test gives it. */
final class FileServer implements AutoCloseable {
    /** What the server was asked, as {@code path range if-range}. */
    final List<String> requests = new CopyOnWriteArrayList<>();

    volatile byte[] content;
    volatile String tag = "\"v1\"";
    volatile boolean ranges = true;
    /** Statuses to answer with, one per request, before the file is served. */
    final List<Integer> statuses = new CopyOnWriteArrayList<>();
    /** After how many bytes of the body to break off, one per request; none left means never. */
    final List<Integer> breaks = new CopyOnWriteArrayList<>();
    /** Milliseconds to hang before breaking off. */
    volatile long hang;
    /** Whether If-Range is honoured. */
    volatile boolean checksTag = true;
    /** Called when a transfer was broken off. */
    volatile Runnable afterBreak = () -> {};
    /** Added to the start of every range sent. */
    volatile int rangeError;
    /** Whether the length is announced; otherwise the body is chunked. */
    volatile boolean announceLength = true;

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();

    FileServer(byte[] content) throws IOException {
        this.content = content;
        this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/files/", this::serve);
        server.createContext("/moved/", exchange -> {
            requests.add(exchange.getRequestURI().getPath());
            exchange.getResponseHeaders().add("Location", "/files/model.pt");
            exchange.sendResponseHeaders(302, -1);
            exchange.close();
        });
        server.createContext("/lost/", exchange -> {
            requests.add(exchange.getRequestURI().getPath());
            exchange.getResponseHeaders().add("Location", "http://[not an address/%%");
            exchange.sendResponseHeaders(302, -1);
            exchange.close();
        });
        server.start();
    }

    URI url(String folder) {
        return URI.create("http://" + InetAddress.getLoopbackAddress().getHostAddress() + ":"
                + server.getAddress().getPort() + "/" + folder + "/");
    }

    private void serve(HttpExchange exchange) throws IOException {
        String range = exchange.getRequestHeaders().getFirst("Range");
        String ifRange = exchange.getRequestHeaders().getFirst("If-Range");
        requests.add(exchange.getRequestURI().getPath() + " " + range + " " + ifRange);
        if (!statuses.isEmpty()) {
            exchange.sendResponseHeaders(statuses.remove(0), -1);
            exchange.close();
            return;
        }
        if (tag != null) {
            exchange.getResponseHeaders().add("ETag", tag);
        }
        byte[] body = content;
        int status = 200;
        if (ranges && range != null && (ifRange == null || !checksTag || ifRange.equals(tag))) {
            int start = Integer.parseInt(range.replaceAll("bytes=(\\d+)-", "$1")) + rangeError;
            exchange.getResponseHeaders()
                    .add("Content-Range", "bytes " + start + "-" + (body.length - 1) + "/" + body.length);
            body = Arrays.copyOfRange(body, start, body.length);
            status = 206;
        }
        exchange.sendResponseHeaders(status, announceLength ? body.length : 0);
        int limit = breaks.isEmpty() ? body.length : Math.min(body.length, breaks.remove(0));
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(body, 0, limit);
            out.flush();
            if (limit < body.length) {
                Thread.sleep(hang);
                afterBreak.run();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            exchange.close(); // closes the connection where less was sent than announced
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
