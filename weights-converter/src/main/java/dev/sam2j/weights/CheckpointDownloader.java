package dev.sam2j.weights;

import dev.sam2j.common.io.AtomicFiles;
import dev.sam2j.common.io.PrintableText;
import dev.sam2j.common.io.Sha256;
import dev.sam2j.weights.download.HttpTransfer;
import dev.sam2j.weights.download.PartialFile;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLockInterruptionException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Downloads checkpoints into a {@link CheckpointCache}. Data goes to {@code NAME.part}, which survives an interruption
 * and is continued next time; the file gets its name only when its size and SHA-256 are right. Threads and processes
 * that want the same file wait for each other. Safe for use by several threads.
 */
public final class CheckpointDownloader {
    /** An attempt that brought this much further does not count as a failure, so a bad line only takes longer. */
    private static final long REAL_PROGRESS = 1 << 20;

    /** File locks exclude processes but not the threads of one, so threads need a lock per file as well. */
    private static final Map<Path, Lock> LOCKS = new ConcurrentHashMap<>();

    private final CheckpointCache cache;
    private final DownloadSettings settings;
    private final HttpClient client;

    /** Downloads from the official server. */
    public CheckpointDownloader(CheckpointCache cache) {
        this(cache, DownloadSettings.OFFICIAL);
    }

    /** Downloads as {@code settings} say. */
    public CheckpointDownloader(CheckpointCache cache, DownloadSettings settings) {
        this.cache = cache;
        this.settings = settings;
        this.client = HttpClient.newBuilder()
                .connectTimeout(settings.connectTimeout())
                .followRedirects(HttpClient.Redirect.NORMAL)
                .build();
    }

    /**
     * The path of a checkpoint, after downloading it if the cache does not have it.
     *
     * @throws CheckpointException if it cannot be obtained, the message names the address and the folder; or if the
     *     thread is interrupted, which it stays: what came by then is kept, and a later call continues
     */
    public Path get(NamedCheckpoint checkpoint, DownloadListener listener) {
        return get(checkpoint.remote(), listener);
    }

    /** As {@link #get(NamedCheckpoint, DownloadListener)}, for any file. */
    Path get(RemoteFile file, DownloadListener listener) {
        Path target = cache.path(file);
        if (cache.contains(file)) {
            return target;
        }
        Lock lock = LOCKS.computeIfAbsent(target.toAbsolutePath().normalize(), path -> new ReentrantLock());
        try {
            lock.lockInterruptibly();
        } catch (InterruptedException e) {
            throw interrupted(target, e);
        }
        try {
            Files.createDirectories(cache.folder());
            Path lockPath = target.resolveSibling(file.name() + ".lock");
            try (FileChannel channel = FileChannel.open(lockPath, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    var processLock = channel.lock()) {
                if (!cache.contains(file)) {
                    download(file, target, listener);
                }
            }
            return target;
        } catch (InterruptedException | FileLockInterruptionException | ClosedByInterruptException e) {
            throw interrupted(target, e);
        } catch (IOException e) {
            throw new CheckpointException(target, "the cache folder cannot be used (" + AtomicFiles.reason(e) + ")", e);
        } finally {
            lock.unlock();
        }
    }

    private void download(RemoteFile file, Path target, DownloadListener listener)
            throws IOException, InterruptedException {
        URI url = settings.baseUrl().resolve(file.path());
        PartialFile part = PartialFile.of(target, file.bytes());
        boolean pieced = transfer(file, target, url, part, listener);
        listener.verifying();
        String actual = Sha256.of(part.path());
        if (!actual.equals(file.sha256()) && pieced) { // of two versions of the file, or after a damaged piece
            part.discard();
            transfer(file, target, url, part, listener);
            listener.verifying();
            actual = Sha256.of(part.path());
        }
        if (!actual.equals(file.sha256())) {
            part.discard();
            throw failure(target, url, "its SHA-256 is " + actual + " instead of " + file.sha256(), null);
        }
        part.moveTo(target);
    }

    /** Repeats requests until the partial file has its full size; whether it took more than one answer for that. */
    private boolean transfer(RemoteFile file, Path target, URI url, PartialFile part, DownloadListener listener)
            throws IOException, InterruptedException {
        HttpTransfer transfer = new HttpTransfer(client, url, settings.stallTimeout(), part, listener);
        long furthest = part.size();
        boolean pieced = part.size() > 0;
        boolean reached = false;
        int failures = 0;
        while (part.size() < file.bytes()) {
            try {
                transfer.attempt();
            } catch (HttpTransfer.RefusedException e) {
                throw failure(target, url, e.getMessage(), e);
            } catch (HttpTransfer.InterruptedTransferException e) {
                reached |= !isUnreachable(e.getCause());
                failures = part.size() >= furthest + REAL_PROGRESS ? 1 : failures + 1;
                furthest = Math.max(furthest, part.size());
                if (failures >= settings.attempts() || !reached) {
                    throw failure(target, url, e.getMessage(), e);
                }
                listener.retrying(e.getMessage());
                pieced |= part.size() > 0;
                Thread.sleep(settings.pause()
                        .multipliedBy(1L << Math.min(failures - 1, 6))
                        .toMillis());
            }
        }
        return pieced;
    }

    private static boolean isUnreachable(Throwable cause) {
        return cause instanceof ConnectException || cause instanceof HttpConnectTimeoutException;
    }

    private static CheckpointException interrupted(Path target, Exception cause) {
        Thread.currentThread().interrupt();
        return new CheckpointException(target, "the download was interrupted, it continues when started again", cause);
    }

    private CheckpointException failure(Path target, URI url, String reason, Exception cause) {
        return new CheckpointException(
                target,
                "the checkpoint cannot be downloaded from " + url + " (" + PrintableText.shortened(reason, 300)
                        + "); put the file into " + cache.folder() + " yourself",
                cause);
    }
}
