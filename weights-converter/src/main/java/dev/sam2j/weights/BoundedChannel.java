package dev.sam2j.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;

/**
 * A read-only view of a file that gives out a limited number of bytes, so that whatever a parser does with a hostile file, its
 * work and memory are bounded. Closing it leaves the file open. Not for several threads.
 */
final class BoundedChannel implements SeekableByteChannel {
    private final FileChannel channel;
    private final long limit;
    private long position;
    private long given;
    private boolean open = true;

    BoundedChannel(FileChannel channel, long limit) {
        this.channel = channel;
        this.limit = limit;
    }

    @Override
    public int read(ByteBuffer destination) throws IOException {
        int count = channel.read(destination, position);
        if (count > 0) {
            position += count;
            given += count;
            if (given > limit) {
                throw new IOException("its directory is larger than " + limit + " bytes");
            }
        }
        return count;
    }

    @Override
    public long position() {
        return position;
    }

    @Override
    public SeekableByteChannel position(long newPosition) throws IOException {
        if (newPosition < 0) {
            throw new IOException("an offset is negative");
        }
        position = newPosition;
        return this;
    }

    @Override
    public long size() throws IOException {
        return channel.size();
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        throw new IOException("read-only");
    }

    @Override
    public SeekableByteChannel truncate(long size) throws IOException {
        throw new IOException("read-only");
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public void close() {
        open = false;
    }
}
