package dev.sam2j.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class CheckpointDownloaderTest {
    private static final byte[] CONTENT = new byte[300_000];

    static {
        new Random(1).nextBytes(CONTENT);
    }

    @TempDir
    Path folder;

    private Path cache;
    private FileServer server;
    private final RemoteFile file = new RemoteFile("model.pt", "model.pt", CONTENT.length, sha256(CONTENT));
    private final Recorder recorder = new Recorder();

    /** Remembers what a download reported. */
    private static final class Recorder implements DownloadListener {
        private final List<Long> progress = new ArrayList<>();
        private final List<String> retries = new ArrayList<>();
        private int verified;

        @Override
        public void progress(long bytes, long total) {
            assertEquals(CONTENT.length, total);
            progress.add(bytes);
        }

        @Override
        public void retrying(String reason) {
            retries.add(reason);
        }

        @Override
        public void verifying() {
            verified++;
        }
    }

    @BeforeEach
    void start() throws IOException {
        cache = folder.resolve("new").resolve("cache");
        server = new FileServer(CONTENT);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private CheckpointDownloader downloader(URI url) {
        return new CheckpointDownloader(
                new CheckpointCache(cache),
                new DownloadSettings(url, Duration.ofSeconds(5), Duration.ofSeconds(5), 3, Duration.ofMillis(1)));
    }

    private Path get() {
        return downloader(server.url("files")).get(file, recorder);
    }

    private void assertWhole(Path path) throws IOException {
        assertEquals(cache.resolve("model.pt"), path);
        assertArrayEquals(CONTENT, Files.readAllBytes(path));
        assertEquals(List.of("model.pt", "model.pt.lock"), cached());
    }

    private List<String> cached() throws IOException {
        try (var files = Files.list(cache)) {
            return files.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    private void putPart(byte[] bytes, String tag) throws IOException {
        Files.createDirectories(cache);
        Files.write(cache.resolve("model.pt.part"), bytes);
        if (tag != null) {
            Files.writeString(cache.resolve("model.pt.part.etag"), tag);
        }
    }

    private String failure() {
        return failure(server.url("files"));
    }

    private String failure(URI url) {
        CheckpointException e =
                assertThrows(CheckpointException.class, () -> downloader(url).get(file, recorder));
        String message = e.getMessage();
        assertTrue(
                message.startsWith(
                        cache.resolve("model.pt") + ": the checkpoint cannot be downloaded from " + url + "model.pt ("),
                message);
        assertTrue(message.endsWith("); put the file into " + cache + " yourself"), message);
        assertFalse(Files.exists(cache.resolve("model.pt")));
        return message;
    }

    @Test
    void whole() throws IOException {
        assertWhole(get());
        assertEquals((long) CONTENT.length, recorder.progress.get(recorder.progress.size() - 1));
        assertEquals(1, recorder.verified);
        assertEquals(List.of(), recorder.retries);
        assertWhole(get());
        assertEquals(List.of("/files/model.pt null null"), server.requests, "the second call needs no server");
    }

    @Test
    void wholeWithoutAnnouncedLength() throws IOException {
        server.announceLength = false;
        assertWhole(get());
    }

    @Test
    void resumesWhatAnEarlierRunLeft() throws IOException {
        putPart(Arrays.copyOf(CONTENT, 123_456), "\"v1\"");
        assertWhole(get());
        assertEquals(List.of("/files/model.pt bytes=123456- \"v1\""), server.requests);
        assertTrue(recorder.progress.get(0) > 123_456);
    }

    @Test
    void startsAnewWhereTheFileChanged() throws IOException {
        putPart(new byte[123_456], "\"v0\"");
        assertWhole(get());
        assertEquals(List.of("/files/model.pt bytes=123456- \"v0\""), server.requests);
    }

    @Test
    void aPartOfOtherContentWithoutTagIsFoundOutByTheHash() throws IOException {
        putPart(new byte[123_456], null);
        assertWhole(get());
        assertEquals(List.of("/files/model.pt bytes=123456- null", "/files/model.pt null null"), server.requests);
        assertEquals(2, recorder.verified);
    }

    @Test
    void aCompletePartIsOnlyVerified() throws IOException {
        putPart(CONTENT, null);
        assertWhole(get());
        assertEquals(List.of(), server.requests);
    }

    @Test
    void aPartThatIsTooLongIsDiscarded() throws IOException {
        putPart(new byte[CONTENT.length + 1], "\"v1\"");
        assertWhole(get());
        assertEquals(List.of("/files/model.pt null null"), server.requests);
    }

    @Test
    void aServerWithoutRangesSendsAllAgain() throws IOException {
        server.ranges = false;
        putPart(Arrays.copyOf(CONTENT, 1000), "\"v1\"");
        assertWhole(get());
        assertEquals(1, server.requests.size());
    }

    @Test
    void continuesAfterBrokenConnections() throws IOException {
        server.breaks.addAll(List.of(100_000, 50_000));
        assertWhole(get());
        assertEquals(2, recorder.retries.size());
        assertEquals("/files/model.pt null null", server.requests.get(0));
        assertTrue(server.requests.get(2).matches("/files/model.pt bytes=\\d+- \"v1\""), server.requests.toString());
    }

    @Test
    void aWeakTagIsNotSentBack() throws IOException {
        server.tag = "W/\"v1\"";
        server.breaks.add(100_000);
        assertWhole(get());
        assertTrue(server.requests.get(1).endsWith("- null"), server.requests.toString());
    }

    @Test
    void givesUpWhenNothingComesAndKeepsWhatCame() throws IOException {
        server.breaks.addAll(List.of(100_000, 0, 0, 0, 0));
        failure();
        assertEquals(3, server.requests.size());
        assertTrue(cached().contains("model.pt.part"));
        server.breaks.clear();
        assertWhole(get());
    }

    @Test
    void aStalledConnectionIsBroken() throws IOException {
        server.breaks.add(100_000);
        server.hang = 30_000;
        DownloadSettings impatient = new DownloadSettings(
                server.url("files"), Duration.ofSeconds(5), Duration.ofMillis(500), 3, Duration.ofMillis(1));
        assertWhole(new CheckpointDownloader(new CheckpointCache(cache), impatient).get(file, recorder));
        assertEquals(List.of("no data came for too long"), recorder.retries);
    }

    @Test
    void aServerThatSendsTheWrongRangeIsAskedForAll() throws IOException {
        server.rangeError = 7;
        putPart(Arrays.copyOf(CONTENT, 1000), "\"v1\"");
        assertWhole(get());
        assertEquals("/files/model.pt null null", server.requests.get(1));
    }

    @Test
    void wrongHashLeavesNothing() throws IOException {
        server.content = CONTENT.clone();
        server.content[77] ^= 1;
        String message = failure();
        assertTrue(
                message.contains("its SHA-256 is " + sha256(server.content) + " instead of " + file.sha256()), message);
        assertEquals(List.of("model.pt.lock"), cached());
        assertEquals(1, server.requests.size());
    }

    @Test
    void wrongSizeIsRefusedBeforeItIsLoaded() throws IOException {
        server.content = new byte[CONTENT.length + 5];
        assertTrue(failure().contains("the server's file has 300005 bytes instead of 300000"));
        putPart(new byte[10], null);
        assertTrue(failure().contains("the server's file has 300005 bytes instead of 300000"));
        assertTrue(recorder.progress.isEmpty());
    }

    @Test
    void aBodyLongerThanTheFileIsCutOff() throws IOException {
        server.announceLength = false;
        server.content = new byte[CONTENT.length + 70_000];
        assertTrue(failure().contains("more than 300000 bytes"));
        assertEquals(List.of("model.pt.lock"), cached());
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 403, 404, 410})
    void aRefusalIsNotRepeated(int status) {
        server.statuses.add(status);
        assertTrue(failure().contains("status " + status));
        assertEquals(1, server.requests.size());
    }

    @Test
    void aBusyServerIsAskedAgain() throws IOException {
        server.statuses.addAll(List.of(503, 429));
        assertWhole(get());
        assertEquals(
                List.of("the server answered with status 503", "the server answered with status 429"),
                recorder.retries);
    }

    @Test
    void aServerThatStaysBusyIsGivenUp() {
        server.statuses.addAll(List.of(500, 500, 500, 500));
        assertTrue(failure().contains("status 500"));
        assertEquals(3, server.requests.size());
    }

    @Test
    void anImpossibleRangeStartsAnew() throws IOException {
        putPart(Arrays.copyOf(CONTENT, 1000), null);
        server.statuses.add(416);
        assertWhole(get());
        assertEquals("/files/model.pt null null", server.requests.get(1));
    }

    @Test
    void followsRedirects() throws IOException {
        assertWhole(downloader(server.url("moved")).get(file, recorder));
        assertEquals(2, server.requests.size());
    }

    @Test
    void aMalformedRedirectIsARefusal() {
        assertTrue(failure(server.url("lost")).contains("(the server redirects to a malformed address)"));
        assertEquals(1, server.requests.size());
    }

    /** Neither what is no text nor what may not stand in a header. */
    @ParameterizedTest
    @ValueSource(strings = {"\u00c3(\u0000", "\"v1\"\r\nX: y", "W/\"v1\"", ""})
    void aDamagedTagIsAsGoodAsNone(String tag) throws IOException {
        putPart(Arrays.copyOf(CONTENT, 1000), null);
        Files.write(cache.resolve("model.pt.part.etag"), tag.getBytes(StandardCharsets.ISO_8859_1));
        assertWhole(get());
        assertEquals(List.of("/files/model.pt bytes=1000- null"), server.requests);
    }

    /** A server that changed its file under the same size, and sends the rest of the new one all the same. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aFileThatChangesDuringTheDownloadIsLoadedAgain(boolean tagged) throws IOException {
        server.content = new byte[CONTENT.length];
        server.tag = tagged ? "\"v0\"" : null;
        server.checksTag = false;
        server.breaks.add(200_000);
        server.afterBreak = () -> {
            server.content = CONTENT;
            server.tag = tagged ? "\"v1\"" : null;
        };
        assertWhole(get());
        assertEquals("/files/model.pt null null", server.requests.get(server.requests.size() - 1));
    }

    /** What came is kept, the thread stays interrupted, and the next call goes on from there. */
    @Test
    void anInterruptedDownloadGoesOn() throws Exception {
        server.breaks.add(200_000);
        server.hang = 30_000;
        AtomicBoolean kept = new AtomicBoolean();
        CompletableFuture<Throwable> outcome = new CompletableFuture<>();
        CountDownLatch half = new CountDownLatch(1);
        Thread thread = new Thread(() -> {
            try {
                downloader(server.url("files")).get(file, (bytes, total) -> {
                    if (bytes == 200_000) {
                        half.countDown();
                    }
                });
                outcome.complete(null);
            } catch (RuntimeException e) {
                kept.set(Thread.currentThread().isInterrupted());
                outcome.complete(e);
            }
        });
        thread.start();
        assertTrue(half.await(20, TimeUnit.SECONDS));
        thread.interrupt();
        Throwable thrown = outcome.get(20, TimeUnit.SECONDS);
        assertTrue(thrown instanceof CheckpointException, String.valueOf(thrown));
        assertEquals(
                cache.resolve("model.pt") + ": the download was interrupted, it continues when started again",
                thrown.getMessage());
        assertTrue(kept.get());
        assertWhole(get());
        assertEquals("/files/model.pt bytes=200000- \"v1\"", server.requests.get(1));
    }

    @Test
    void aThreadThatIsInterruptedAlreadyDownloadsNothing() throws IOException {
        for (boolean there : new boolean[] {false, true}) {
            Thread.currentThread().interrupt();
            if (there) {
                assertWhole(get());
            } else {
                CheckpointException e = assertThrows(CheckpointException.class, this::get);
                assertTrue(e.getMessage().contains("the download was interrupted"), e.getMessage());
            }
            assertTrue(Thread.interrupted());
            assertWhole(get());
        }
    }

    @Test
    void offlineFailsAtOnceAndSaysWhatToDo() {
        URI url = server.url("files");
        server.close();
        failure(url);
        assertEquals(List.of(), recorder.retries);
    }

    @Test
    void anUnknownServerIsNamed() {
        assertTrue(failure(URI.create("http://nowhere.invalid/files/")).contains("the server's address is unknown"));
        assertEquals(List.of(), recorder.retries);
    }

    @Test
    void aCacheThatCannotBeWrittenIsNamed() throws IOException {
        Files.createDirectories(cache.getParent());
        Files.writeString(cache, "a file where the folder should be");
        CheckpointException e = assertThrows(CheckpointException.class, this::get);
        assertTrue(
                e.getMessage().startsWith(cache.resolve("model.pt") + ": the cache folder cannot be used"),
                e.getMessage());
        assertEquals(List.of(), server.requests);
    }

    @Test
    void twoThreadsLoadOnce() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<Path>> results = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                results.add(threads.submit(() -> downloader(server.url("files")).get(file, DownloadListener.NONE)));
            }
            for (Future<Path> result : results) {
                assertWhole(result.get());
            }
        } finally {
            threads.shutdownNow();
        }
        assertEquals(1, server.requests.size());
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
