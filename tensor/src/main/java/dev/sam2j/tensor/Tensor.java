package dev.sam2j.tensor;

/**
 * A view of a {@link Storage}: channels-last, the elements of a row (the last axis) are adjacent and consecutive rows
 * are {@link #rowStride()} elements apart, so a range of columns of a wider tensor is a tensor too. Images are (B, H,
 * W, C), tokens are (B, N, C). A tensor owns nothing; it is valid while its storage and its {@link Workspace} frame
 * are.
 */
public final class Tensor {
    private final Storage storage;
    private final long offset;
    private final Shape shape;
    private final int rowStride;

    private Tensor(Storage storage, long offset, Shape shape, int rowStride) {
        this.storage = storage;
        this.offset = offset;
        this.shape = shape;
        this.rowStride = rowStride;
        long end = offset + (long) (shape.rows() - 1) * rowStride + shape.cols();
        if (offset < 0 || rowStride < shape.cols() || end > storage.elements()) {
            throw new IllegalArgumentException("tensor: " + shape + " at element " + offset + " with row stride "
                    + rowStride + " does not fit a storage of " + storage.elements());
        }
    }

    /** A contiguous tensor that starts {@code offset} elements into {@code storage}. */
    public static Tensor of(Storage storage, long offset, Shape shape) {
        return new Tensor(storage, offset, shape, shape.cols());
    }

    /** The memory this tensor lies in. */
    public Storage storage() {
        return storage;
    }

    /** Position of the first element in the storage, in elements. */
    public long offset() {
        return offset;
    }

    /** The dimensions. */
    public Shape shape() {
        return shape;
    }

    /** Distance between the starts of two consecutive rows, in elements. */
    public int rowStride() {
        return rowStride;
    }

    /** Element type. */
    public DType dtype() {
        return storage.dtype();
    }

    /** Dimension at {@code axis}; negative axes count from the end. */
    public int dim(int axis) {
        return shape.dim(axis);
    }

    /** Product of all axes but the last. */
    public int rows() {
        return shape.rows();
    }

    /** Length of the last axis. */
    public int cols() {
        return shape.cols();
    }

    /** Whether rows follow each other without gaps. */
    public boolean isContiguous() {
        return rowStride == cols() || rows() == 1;
    }

    /**
     * The same elements under other dimensions.
     *
     * @throws IllegalArgumentException if the number of elements differs, or the last axis changes and rows have gaps
     */
    public Tensor reshape(int... dims) {
        Shape target = Shape.of(dims);
        if (target.elements() != shape.elements() || (target.cols() != cols() && !isContiguous())) {
            throw new IllegalArgumentException(
                    "reshape: " + shape + " (row stride " + rowStride + ") cannot become " + target);
        }
        return new Tensor(storage, offset, target, target.cols() == cols() ? rowStride : target.cols());
    }

    /** Entries {@code from} (inclusive) to {@code to} (exclusive) of the first axis; the rank must be at least 2. */
    public Tensor slice(int from, int to) {
        if (shape.rank() < 2 || from < 0 || to <= from || to > dim(0)) {
            throw new IllegalArgumentException("slice: [" + from + ", " + to + ") of " + shape);
        }
        int[] dims = shape.toArray();
        int rowsPerEntry = rows() / dims[0];
        dims[0] = to - from;
        return new Tensor(storage, offset + (long) from * rowsPerEntry * rowStride, Shape.of(dims), rowStride);
    }

    /** Row {@code index} of each batch entry: (B, N, C) to (B, C), a view. */
    public Tensor token(int index) {
        if (shape.rank() != 3 || index < 0 || index >= dim(1)) {
            throw new IllegalArgumentException("token: " + index + " of " + shape);
        }
        return new Tensor(storage, offset + (long) index * rowStride, Shape.of(dim(0), cols()), dim(1) * rowStride);
    }

    /** Columns {@code from} (inclusive) to {@code to} (exclusive) of every row. */
    public Tensor columns(int from, int to) {
        if (from < 0 || to <= from || to > cols()) {
            throw new IllegalArgumentException("columns: [" + from + ", " + to + ") of " + shape);
        }
        return new Tensor(storage, offset + from, shape.withCols(to - from), rowStride);
    }

    @Override
    public String toString() {
        return dtype() + shape.toString();
    }
}
