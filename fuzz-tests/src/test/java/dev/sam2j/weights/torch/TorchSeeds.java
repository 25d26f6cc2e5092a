package dev.sam2j.weights.torch;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.function.ObjIntConsumer;

/** Hostile {@code .pt} files, by the writers of this package's tests. */
public final class TorchSeeds {
    private TorchSeeds() {}

    /** A pickle of one tensor of two values over the storage that {@link #archive} adds. */
    public static byte[] tensor() {
        return TorchFiles.pickleOf(2, 0, new long[] {2}, new long[] {1});
    }

    /** A zip archive as torch writes it around a pickle, with one storage of two values. */
    public static byte[] archive(byte[] pickle) {
        return TorchFiles.zip(pickle, TorchFiles.floats(1, 2)).toBytes();
    }

    /** A dictionary of a Long and a Double for each number, all of one {@link Object#hashCode}. */
    public static byte[] collidingNumbers(int count) {
        return dictionary(count, (pickle, i) -> {
            // Long and Double hash the two halves of their bits together.
            long bits = (long) i << 32 | i;
            pickle.number(bits).op('N');
            pickle.op('G')
                    .little(Long.reverseBytes(bits | 1L << 62 | 1L << 30), 8)
                    .op('N');
        });
    }

    /** A dictionary of very many texts. */
    public static byte[] texts(int count, IntFunction<String> text) {
        return dictionary(count, (pickle, i) -> pickle.text(text.apply(i)).op('N'));
    }

    /** A dictionary filled in batches of a thousand, as Python writes them. */
    private static byte[] dictionary(int count, ObjIntConsumer<PickleWriter> item) {
        PickleWriter pickle = new PickleWriter().op('}', '(');
        for (int i = 0; i < count; i++) {
            item.accept(pickle, i);
            if (i % 1000 == 999) {
                pickle.op('u', '(');
            }
        }
        return pickle.op('u', '.').toBytes();
    }

    /** A dictionary of very many tensors of one value, each a few opcodes by way of the memo. */
    public static byte[] manyTensors(int count) {
        PickleWriter pickle = new PickleWriter().op('}', '(');
        pickle.text("function").global("torch._utils", "_rebuild_tensor_v2").op('q', 0);
        pickle.text("storage")
                .op('(')
                .text("storage")
                .global("torch", "FloatStorage")
                .text("0")
                .text("cpu");
        pickle.number(2).op('t', 'Q', 'q', 1);
        pickle.text("arguments").op('(', 'h', 1, 'K', 0, ')', ')', 0x89);
        pickle.global("collections", "OrderedDict").op(')', 'R', 't', 'q', 2, 'u');
        for (int i = 0; i < count; i++) {
            pickle.op(0x8c, 5).op(digits(i)).op('h', 0, 'h', 2, 'R', 's');
        }
        return pickle.op('.').toBytes();
    }

    /** Each tuple holds the one before it twice: as a tree it has 2^n leaves. */
    public static byte[] doubledTuples(int count) {
        PickleWriter pickle = new PickleWriter().op(')');
        for (int i = 0; i < count; i++) {
            pickle.op('q', 0, 'h', 0, 0x86);
        }
        return pickle.op('.').toBytes();
    }

    private static int[] digits(int number) {
        int[] digits = new int[5];
        for (int i = 0, rest = number; i < 5; i++, rest /= 36) {
            digits[i] = Character.forDigit(rest % 36, 36);
        }
        return digits;
    }

    /** An archive of a pickle and very many empty entries. */
    public static byte[] manyEntries(int count) {
        RawZip zip = TorchFiles.zip(tensor(), TorchFiles.floats(1, 2));
        for (int i = 0; i < count; i++) {
            zip.add("archive/data/x" + i, new byte[0]);
        }
        return zip.toBytes();
    }

    /** An archive whose directory is changed field by field, at offsets into the record of its first entry. */
    public static byte[] directory(Consumer<ByteBuffer> change) {
        byte[] zip = archive(tensor());
        ByteBuffer all = ByteBuffer.wrap(zip).order(ByteOrder.LITTLE_ENDIAN);
        int start = all.getInt(zip.length - 6);
        change.accept(all.slice(start, zip.length - start).order(ByteOrder.LITTLE_ENDIAN));
        return zip;
    }

    /** An archive whose end record, of 22 bytes, is changed. */
    public static byte[] end(Consumer<ByteBuffer> change) {
        byte[] zip = archive(tensor());
        change.accept(ByteBuffer.wrap(zip, zip.length - 22, 22).slice().order(ByteOrder.LITTLE_ENDIAN));
        return zip;
    }

    /** An archive one of whose entries has another name. */
    public static byte[] entryNamed(String name) {
        RawZip zip = TorchFiles.zip(tensor(), TorchFiles.floats(1, 2));
        zip.add(name, new byte[] {1});
        return zip.toBytes();
    }
}
