package dev.sam2j.tensor;

/**
 * Parameters of {@link Backend#attention}.
 *
 * @param heads number of heads; the columns of queries, keys and values are {@code heads} adjacent groups
 * @param scale factor on every dot product, usually {@code 1 / sqrt(columns of queries / heads)}
 * @param windows how queries and keys are grouped, or null if every query sees every key of its batch entry
 */
public record AttentionSpec(int heads, float scale, Windows windows) {
    /** Attention of every query to every key, scaled by the square root of the head dimension. */
    public static AttentionSpec global(int heads, int queryColumns) {
        return new AttentionSpec(heads, (float) (1 / Math.sqrt((double) queryColumns / heads)), null);
    }

    /** Attention inside windows, scaled by the square root of the head dimension. */
    public static AttentionSpec windowed(int heads, int queryColumns, Windows windows) {
        return new AttentionSpec(heads, (float) (1 / Math.sqrt((double) queryColumns / heads)), windows);
    }

    /**
     * A partition of a {@code height x width} key grid into {@code size x size} windows. Queries, keys, values and
     * output stay in raster order; the partition is an index map. Windows at the lower and right border may reach over
     * the grid: each position outside it is a key equal to {@code padKey} with the value {@code padValue}, and is not a
     * query.
     *
     * <p>The query grid is {@code height/queryStride x width/queryStride}, cut into windows of
     * {@code size/queryStride}, so a query window and the key window of the same number cover the same part of the
     * picture. {@code size}, {@code height} and {@code width} are multiples of {@code queryStride}.
     *
     * @param height rows of the key grid
     * @param width columns of the key grid
     * @param size side of a window on the key grid
     * @param queryStride 1, or 2 where the queries were pooled 2x2
     * @param padKey key of a position outside the grid, as many elements as a key has columns; null where none is
     *     outside
     * @param padValue value of such a position, as many elements as a value has columns; null where none is outside
     */
    public record Windows(int height, int width, int size, int queryStride, Tensor padKey, Tensor padValue) {
        /** Whether some windows reach over the border of the grid. */
        public boolean padded() {
            return height % size != 0 || width % size != 0;
        }
    }
}
