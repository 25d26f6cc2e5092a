package dev.sam2j.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;

/**
 * A read-only view of a file that gives out a limited number of bytes, so that whatever a parser does with a hostile
 * file, its work and memory are bounded. Reads go through a buffer, since the zip parser asks for a few bytes at a
 * time. Closing it leaves the file open. Not for several threads.
 */
final class BoundedChannel implements SeekableByteChannel {
    private static final int BLOCK = 1 << 16;

    private final FileChannel channel;
    private final long limit;
    private final ByteBuffer block = ByteBuffer.allocate(BLOCK).limit(0);
    private long blockStart;
    private long position;
    private long given;
    private boolean open = true;

    BoundedChannel(FileChannel channel, long limit) {
        this.channel = channel;
        this.limit = limit;
    }

    @Override
    public int read(ByteBuffer destination) throws IOException {
        if (position < blockStart || position >= blockStart + block.limit()) {
            fill();
        }
        int start = (int) (position - blockStart);
        int count = Math.min(destination.remaining(), block.limit() - start);
        if (count <= 0) {
            return destination.hasRemaining() ? -1 : 0;
        }
        destination.put(block.slice(start, count));
        position += count;
        given += count;
        if (given > limit) {
            throw new IOException("its directory is larger than " + limit + " bytes");
        }
        return count;
    }

    /**
     * Loads the block that holds the position; blocks are aligned, so that scanning backwards is as cheap as forwards.
     */
    private void fill() throws IOException {
        blockStart = position / BLOCK * BLOCK;
        block.clear();
        while (block.hasRemaining() && channel.read(block, blockStart + block.position()) > 0) {
            // a read may return less than asked for
        }
        block.flip();
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
