package dev.sam2j.weights.file;

import dev.sam2j.tensor.DType;
import dev.sam2j.tensor.host.HalfPrecision;
import java.nio.ByteBuffer;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Numeric types that files may hold; only those with a {@link #dtype} can be read as weights, float64 rounded to
 * float32.
 */
public enum ElementType {
    F32("FloatStorage", 4, DType.F32),
    F16("HalfStorage", 2, DType.F16),
    BF16("BFloat16Storage", 2, DType.BF16),
    F64("DoubleStorage", 8, DType.F32),
    I64("LongStorage", 8, null),
    I32("IntStorage", 4, null),
    I16("ShortStorage", 2, null),
    I8("CharStorage", 1, null),
    U8("ByteStorage", 1, null),
    BOOL("BoolStorage", 1, null),
    C64("ComplexFloatStorage", 8, null),
    C128("ComplexDoubleStorage", 16, null),
    U16("", 2, null),
    U32("", 4, null),
    U64("", 8, null),
    F8_E4M3("", 1, null),
    F8_E5M2("", 1, null);

    private final String torchStorage;
    private final int bytes;
    private final DType dtype;

    ElementType(String torchStorage, int bytes, DType dtype) {
        this.torchStorage = torchStorage;
        this.bytes = bytes;
        this.dtype = dtype;
    }

    private static ElementType first(Predicate<ElementType> wanted) {
        return Stream.of(values()).filter(wanted).findFirst().orElse(null);
    }

    /** The type that holds weights as they are. */
    public static ElementType of(DType dtype) {
        return first(type -> type.dtype == dtype);
    }

    /** The type of {@code torch.<name>}, or null. */
    public static ElementType ofTorchStorage(String name) {
        return first(type -> type.torchStorage.equals(name) && !name.isEmpty());
    }

    /** The {@code <name>} of {@link #ofTorchStorage} for this type, empty if there is none. */
    public String torchStorage() {
        return torchStorage;
    }

    /** The type a safetensors header calls {@code name}, or null. */
    public static ElementType ofSafetensors(String name) {
        return first(type -> type.name().equals(name));
    }

    /** Size of one element in bytes. */
    public int bytes() {
        return bytes;
    }

    /** The type as weights see it, or null if it is not one of theirs. */
    public DType dtype() {
        return dtype;
    }

    /** The element at a byte position, as float32; for the types of weights. */
    float read(ByteBuffer bytes, int at) {
        return switch (this) {
            case F32 -> bytes.getFloat(at);
            case F64 -> (float) bytes.getDouble(at);
            case F16 -> HalfPrecision.fromF16(bytes.getShort(at));
            case BF16 -> HalfPrecision.fromBf16(bytes.getShort(at));
            default -> throw new IllegalStateException("weights: " + this + " is not a type of weights");
        };
    }
}
