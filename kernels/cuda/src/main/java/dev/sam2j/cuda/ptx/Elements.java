package dev.sam2j.cuda.ptx;

import dev.sam2j.tensor.DType;
import java.util.Arrays;

/**
 * Loads and stores of 1, 2, 4 or 8 adjacent elements, widened to float32 registers. Two and four need an address that
 * is a multiple of their total size, eight one that is a multiple of 16 bytes.
 */
public record Elements(PtxWriter w, DType type, int width) {
    /** Loads the elements at an address. */
    public String[] load(String address) {
        return loadIf(null, address);
    }

    /** Loads where a predicate holds, if it is not null; elsewhere the values are 0. */
    public String[] loadIf(String predicate, String address) {
        if (type == DType.F32) {
            String[] values = w.fresh('f', width);
            if (predicate != null) {
                Arrays.stream(values).forEach(value -> w.op("mov.f32", value, PtxWriter.constant(0)));
            }
            int piece = Math.min(width, 4);
            for (int i = 0; i < width; i += piece) {
                String[] to = Arrays.copyOfRange(values, i, i + piece);
                String from = at(address, 4 * i);
                w.when(predicate, () -> w.op("ld.global" + count(piece) + ".f32", vector(to), from));
            }
            return values;
        }
        String[] pairs = w.fresh('i', (width + 1) / 2);
        if (predicate != null) {
            Arrays.stream(pairs).forEach(pair -> w.op("mov.b32", pair, 0));
        }
        if (width == 1) {
            w.when(predicate, () -> w.op("ld.global.u16", pairs[0], at(address, 0)));
            return new String[] {Halves.low(w, type, pairs[0])};
        }
        w.when(predicate, () -> w.op("ld.global" + count(pairs.length) + ".b32", vector(pairs), at(address, 0)));
        return unpacked(pairs);
    }

    private static String at(String address, int offset) {
        return "[" + address + "+" + offset + "]";
    }

    private String[] unpacked(String... pairs) {
        return Arrays.stream(pairs)
                .flatMap(pair -> Arrays.stream(Halves.unpack(w, type, pair)))
                .toArray(String[]::new);
    }

    /** Rounds values to the type and stores them. */
    public void store(String address, String... values) {
        if (type == DType.F32) {
            int piece = Math.min(width, 4);
            for (int i = 0; i < width; i += piece) {
                String[] from = Arrays.copyOfRange(values, i, i + piece);
                w.op("st.global" + count(piece) + ".f32", at(address, 4 * i), vector(from));
            }
        } else if (width == 1) {
            w.op("st.global.u16", at(address, 0), Halves.packSaturated(w, type, PtxWriter.constant(0), values[0]));
        } else {
            w.op("st.global" + count(width / 2) + ".b32", at(address, 0), vector(packed(values)));
        }
    }

    private String[] packed(String... values) {
        String[] pairs = new String[values.length / 2];
        for (int i = 0; i < values.length; i += 2) {
            pairs[i / 2] = Halves.packSaturated(w, type, values[i + 1], values[i]);
        }
        return pairs;
    }

    private static String vector(String... registers) {
        return registers.length == 1 ? registers[0] : "{" + String.join(", ", registers) + "}";
    }

    /** The part of an opcode that says how many registers move. */
    private static String count(int registers) {
        return registers == 1 ? "" : ".v" + registers;
    }
}
