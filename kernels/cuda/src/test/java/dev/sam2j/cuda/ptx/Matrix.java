package dev.sam2j.cuda.ptx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.host.HalfPrecision;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;

/** A device matrix with gaps between its rows. Gaps hold NaN, and {@link #check} wants them untouched. */
public record Matrix(int rows, int columns, int stride, DType type, byte[] bytes) {
    /** Result wanted at a row and column. */
    public interface Expected {
        double at(int row, int column);
    }

    /** All elements NaN. */
    public static Matrix empty(int rows, int columns, int stride, DType type) {
        byte[] bytes = new byte[((rows - 1) * stride + columns) * type.bytes()];
        java.util.Arrays.fill(bytes, (byte) 0xff);
        return new Matrix(rows, columns, stride, type, bytes);
    }

    /** Normally distributed, rounded to the type. */
    public static Matrix random(int rows, int columns, int stride, DType type, Random random) {
        Matrix matrix = empty(rows, columns, stride, type);
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                matrix.set(row, column, (float) random.nextGaussian());
            }
        }
        return matrix;
    }

    /** A contiguous float32 row. */
    public static Matrix vector(int columns, Random random) {
        return random(1, columns, columns, DType.F32, random);
    }

    private ByteBuffer buffer() {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    public void set(int row, int column, float value) {
        int index = row * stride + column;
        switch (type) {
            case F32 -> buffer().putFloat(4 * index, value);
            case F16 -> buffer().putShort(2 * index, HalfPrecision.toSaturatedF16(value));
            case BF16 -> buffer().putShort(2 * index, HalfPrecision.toBf16(value));
        }
    }

    public float get(int row, int column) {
        int index = row * stride + column;
        return switch (type) {
            case F32 -> buffer().getFloat(4 * index);
            case F16 -> HalfPrecision.fromF16(buffer().getShort(2 * index));
            case BF16 -> HalfPrecision.fromBf16(buffer().getShort(2 * index));
        };
    }

    /** All elements, by row. */
    public double[][] values() {
        double[][] values = new double[rows][columns];
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                values[row][column] = get(row, column);
            }
        }
        return values;
    }

    public Matrix copy() {
        return new Matrix(rows, columns, stride, type, bytes.clone());
    }

    /** Nearest number of a type, ties to even. */
    public static float round(DType type, float value) {
        return switch (type) {
            case F32 -> value;
            case F16 -> HalfPrecision.fromF16(HalfPrecision.toSaturatedF16(value));
            case BF16 -> HalfPrecision.fromBf16(HalfPrecision.toBf16(value));
        };
    }

    /** Unit roundoff of a type: half of the distance from 1 to the next number. */
    static double roundoff(DType type) {
        return switch (type) {
            case F32 -> 0x1p-24;
            case F16 -> 0x1p-11;
            case BF16 -> 0x1p-8;
        };
    }

    /**
     * Compares every element.
     *
     * @param absolute bound of the float32 arithmetic; rounding of the result to the type comes on top
     */
    public void check(String what, double absolute, Expected expected) {
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                double want = expected.at(row, column);
                double got = get(row, column);
                double bound = absolute + (absolute == 0 ? 0 : Math.abs(want) * 1.01 * roundoff(type));
                if (!(Math.abs(got - want) <= bound)) {
                    fail(what + ": at " + row + ", " + column + " expected " + want + ", got " + got + ", bound "
                            + bound);
                }
            }
            for (int gap = columns; gap < stride && row < rows - 1; gap++) {
                int index = (row * stride + gap) * type.bytes();
                assertEquals(-1, bytes[index], what + ": gap after row " + row + " was written");
            }
        }
    }
}
