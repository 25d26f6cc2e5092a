package dev.sam2j.kernels.ptx;

/**
 * Loads and stores of 1 or 4 adjacent elements, widened to float32 registers. Four need an address that is a multiple
 * of their total size.
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
            String[] values = {w.fresh('f'), w.fresh('f'), w.fresh('f'), w.fresh('f')};
            w.op("ld." + space + ".v4.f32", "{" + String.join(", ", values) + "}", at);
            return values;
        }
        if (width == 1) {
            return new String[] {low(w.i("ld." + space + ".u16", at))};
        }
        String first = w.fresh('i');
        String second = w.fresh('i');
        w.op("ld." + space + ".v2.b32", "{" + first + ", " + second + "}", at);
        return new String[] {low(first), high(first), low(second), high(second)};
    }

    private String low(String pair) {
        return w.f("mov.b32", w.i("shl.b32", pair, 16));
    }

    private String high(String pair) {
        return w.f("mov.b32", w.i("and.b32", pair, "0xffff0000"));
    }

    void store(String address, String... values) {
        String at = "[" + address + "]";
        if (type == ElementType.F32) {
            w.op(width == 1 ? "st.global.f32" : "st.global.v4.f32", at, width == 1 ? values[0] : vector(values));
        } else if (width == 1) {
            w.op("st.global.u16", at, w.i("cvt.rn.bf16x2.f32", PtxWriter.constant(0), values[0]));
        } else {
            String first = w.i("cvt.rn.bf16x2.f32", values[1], values[0]);
            String second = w.i("cvt.rn.bf16x2.f32", values[3], values[2]);
            w.op("st.global.v2.b32", at, vector(first, second));
        }
    }

    private static String vector(String... registers) {
        return "{" + String.join(", ", registers) + "}";
    }
}
