package dev.sam2j.training.run;

import dev.sam2j.common.io.AtomicFiles;
import dev.sam2j.common.io.Sha256;
import dev.sam2j.training.TrainingException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * Features of pictures in a file, so that an encoder that is not trained sees each picture once. The file is of one
 * model and one size: another's is emptied. It grows up to a limit, later pictures are not kept. A place is valid once
 * its head is written, after its values, and holds their checksum: what a killed run leaves half-written counts as
 * absent. Only one run at a time may use it.
 *
 * <p>Layout, little-endian: a head of 64 bytes (magic, SHA-256 of model and size), then places of 64 bytes (SHA-256 of
 * the key, CRC-32C of the values) and the values. Several threads may use it.
 */
public final class FeatureCache implements AutoCloseable {
    private static final long MAGIC = 0x314341434a324d53L; // "SM2JCAC1"
    private static final int HEAD = 64;
    private static final int HASH = 32;
    private static final int CHUNK = 1 << 20;

    private final Path file;
    private final FileChannel channel;
    private final int elements;
    private final long places;
    private final Map<String, Long> placeOf = new HashMap<>();
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(CHUNK).order(ByteOrder.LITTLE_ENDIAN);
    private long used;

    /**
     * Opens or makes a cache.
     *
     * @param fingerprint tells the model, its size and the way pictures are scaled from others
     * @param elements values of a picture
     * @param limit bytes that the file may take
     * @throws TrainingException if the file cannot be read or written, or is in use by another run
     */
    public FeatureCache(Path file, String fingerprint, int elements, long limit) {
        this.file = file;
        this.elements = elements;
        this.places = Math.max(0, (limit - HEAD) / placeBytes());
        try {
            this.channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            try {
                requireAlone();
                open(HexFormat.of().parseHex(Sha256.of(fingerprint + " " + elements)));
            } catch (IOException | TrainingException e) {
                channel.close();
                throw e;
            }
        } catch (IOException e) {
            throw failure(e);
        }
    }

    /** Locks the file until it is closed, or the process dies. */
    private void requireAlone() {
        boolean alone;
        try {
            alone = channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            alone = false; // another run of this process
        } catch (IOException e) {
            alone = true; // a file system without locks
        }
        if (!alone) {
            throw new TrainingException(file.toAbsolutePath().getParent()
                    + ": another run is at work in this folder; wait, or take another");
        }
    }

    /** Bytes that a picture takes. */
    public static long bytes(int elements) {
        return HEAD + 4L * elements;
    }

    /** Values of a picture. */
    public int elements() {
        return elements;
    }

    /** Pictures that there is room for. */
    long places() {
        return places;
    }

    /** Whether a picture is kept; it may still turn out to be damaged. */
    public synchronized boolean contains(String key) {
        return placeOf.containsKey(Sha256.of(key));
    }

    /** Pictures that are kept. */
    public synchronized int size() {
        return placeOf.size();
    }

    /**
     * Looks a picture up.
     *
     * @param values receives its features, if they are there
     * @return whether they are
     */
    public synchronized boolean read(String key, float[] values) {
        String hash = Sha256.of(key);
        Long place = placeOf.get(hash);
        if (place == null) {
            return false;
        }
        try {
            ByteBuffer head = ByteBuffer.allocate(HEAD).order(ByteOrder.LITTLE_ENDIAN);
            readFully(head, offset(place));
            CRC32C sum = new CRC32C();
            long at = offset(place) + HEAD;
            for (int done = 0; done < elements; ) {
                int count = Math.min(CHUNK / 4, elements - done);
                buffer.clear().limit(4 * count);
                readFully(buffer, at + 4L * done);
                sum.update(buffer.duplicate());
                buffer.asFloatBuffer().get(values, done, count);
                done += count;
            }
            if (sum.getValue() == head.getLong(HASH)) {
                return true;
            }
            placeOf.remove(hash); // written again where it ends
            return false;
        } catch (IOException e) {
            throw failure(e);
        }
    }

    /** Keeps the features of a picture, if there is room. */
    public synchronized void write(String key, float[] values) {
        String hash = Sha256.of(key);
        if (used >= places || placeOf.containsKey(hash)) {
            return;
        }
        try {
            long at = offset(used) + HEAD;
            CRC32C sum = new CRC32C();
            for (int done = 0; done < elements; ) {
                int count = Math.min(CHUNK / 4, elements - done);
                buffer.clear().limit(4 * count);
                buffer.asFloatBuffer().put(values, done, count);
                sum.update(buffer.duplicate());
                writeFully(buffer, at + 4L * done);
                done += count;
            }
            ByteBuffer head = ByteBuffer.allocate(HEAD).order(ByteOrder.LITTLE_ENDIAN);
            head.put(HexFormat.of().parseHex(hash)).putLong(sum.getValue());
            writeFully(head.rewind(), offset(used));
            placeOf.put(hash, used++);
        } catch (IOException e) {
            throw failure(e);
        }
    }

    /** Finds what is there, or begins anew. */
    private void open(byte[] fingerprint) throws IOException {
        ByteBuffer head = ByteBuffer.allocate(HEAD).order(ByteOrder.LITTLE_ENDIAN);
        head.putLong(MAGIC).put(fingerprint).rewind();
        ByteBuffer found = ByteBuffer.allocate(HEAD);
        if (channel.size() < HEAD || !readFully(found, 0).rewind().equals(head)) {
            channel.truncate(0);
            writeFully(head, 0);
            return;
        }
        byte[] none = new byte[HASH];
        byte[] hash = new byte[HASH];
        ByteBuffer place = ByteBuffer.allocate(HEAD);
        for (long at = offset(used); at + placeBytes() <= channel.size() && used < places; at = offset(++used)) {
            readFully(place.clear(), at).rewind().get(hash);
            if (Arrays.equals(hash, none)) {
                return; // begun by a run that was killed
            }
            placeOf.put(HexFormat.of().formatHex(hash), used);
        }
    }

    private long placeBytes() {
        return bytes(elements);
    }

    private long offset(long place) {
        return HEAD + place * placeBytes();
    }

    private ByteBuffer readFully(ByteBuffer to, long from) throws IOException {
        long at = from;
        while (to.hasRemaining()) {
            int count = channel.read(to, at);
            if (count < 0) {
                throw new IOException("it ends early");
            }
            at += count;
        }
        return to.flip();
    }

    private void writeFully(ByteBuffer bytes, long to) throws IOException {
        long at = to;
        while (bytes.hasRemaining()) {
            at += channel.write(bytes, at);
        }
    }

    private TrainingException failure(IOException e) {
        return new TrainingException(file + ": the features of pictures cannot be kept: " + AtomicFiles.reason(e), e);
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw failure(e);
        }
    }
}
