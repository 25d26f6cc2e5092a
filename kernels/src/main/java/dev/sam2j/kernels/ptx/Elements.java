package dev.sam2j.kernels.ptx;

import java.util.Arrays;

/**
 * Loads and stores of 1, 4 or 8 adjacent elements, widened to float32 registers. Four and eight need an address that is
 * a multiple of their total size, or of 16 bytes if that is more.
 */
record Elements(PtxWriter w, ElementType type, int width) {
    /** Greatest width that divides columns and all strides. */
    static int widthFor(int... lengths) {
        for (int length : lengths) {
            if (length % 4 != 0) {
                return 1;
            }
        }
        return 4;
    }

    int bytes() {
        return type.bytes();
    }

    String[] load(String address) {
        return load(address, "global");
    }

    private String[] load(String address, String space) {
        String at = "[" + address + "]";
        if (type == ElementType.F32) {
            if (width == 1) {
                return new String[] {w.f("ld." + space + ".f32", at)};
            }
            String[] values = fresh('f', width);
            for (int i = 0; i < width; i += 4) {
                w.op("ld." + space + ".v4.f32", vector(Arrays.copyOfRange(values, i, i + 4)), at(address, 4 * i));
            }
            return values;
        }
        if (width == 1) {
            return new String[] {low(w.i("ld." + space + ".u16", at))};
        }
        String[] pairs = fresh('i', width / 2);
        w.op("ld." + space + ".v" + pairs.length + ".b32", vector(pairs), at);
        String[] values = new String[width];
        for (int i = 0; i < width; i += 2) {
            values[i] = low(pairs[i / 2]);
            values[i + 1] = high(pairs[i / 2]);
        }
        return values;
    }

    private String[] fresh(char kind, int count) {
        String[] registers = new String[count];
        for (int i = 0; i < count; i++) {
            registers[i] = w.fresh(kind);
        }
        return registers;
    }

    private static String at(String address, int offset) {
        return "[" + address + "+" + offset + "]";
    }

    private String low(String pair) {
        return w.f("mov.b32", w.i("shl.b32", pair, 16));
    }

    private String high(String pair) {
        return w.f("mov.b32", w.i("and.b32", pair, "0xffff0000"));
    }

    void store(String address, String... values) {
        String at = "[" + address + "]";
        if (width == 1) {
            if (type == ElementType.F32) {
                w.op("st.global.f32", at, values[0]);
            } else {
                w.op("st.global.u16", at, w.i("cvt.rn.bf16x2.f32", PtxWriter.constant(0), values[0]));
            }
        } else if (type == ElementType.F32) {
            for (int i = 0; i < width; i += 4) {
                w.op("st.global.v4.f32", at(address, 4 * i), vector(Arrays.copyOfRange(values, i, i + 4)));
            }
        } else {
            String[] pairs = new String[width / 2];
            for (int i = 0; i < pairs.length; i++) {
                pairs[i] = w.i("cvt.rn.bf16x2.f32", values[2 * i + 1], values[2 * i]);
            }
            w.op("st.global.v" + pairs.length + ".b32", at, vector(pairs));
        }
    }

    private static String vector(String... registers) {
        return "{" + String.join(", ", registers) + "}";
    }
}
