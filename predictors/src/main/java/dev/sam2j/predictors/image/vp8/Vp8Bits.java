package dev.sam2j.predictors.image.vp8;

/** VP8's arithmetic decoder (RFC 6386, section 7). Past its end the data are zeros. */
final class Vp8Bits {
    private final byte[] data;
    private final int end;
    private int at;
    private int value;
    private int range = 255;
    /** Bits of {@code value} below the top byte that are still to be shifted up. */
    private int spare;

    Vp8Bits(byte[] data, int from, int to) {
        this.data = data;
        this.at = from;
        this.end = Math.min(to, data.length);
        this.value = next();
    }

    private int next() {
        return at < end ? data[at++] & 255 : 0;
    }

    /** A bit that is 0 with probability {@code zero} / 256. */
    int bit(int zero) {
        int split = 1 + ((range - 1) * zero >> 8);
        if (spare < 1) {
            value = value << 8 | next();
            spare += 8;
        }
        int bigSplit = split << spare;
        int bit;
        if (value >= bigSplit) {
            value -= bigSplit;
            range -= split;
            bit = 1;
        } else {
            range = split;
            bit = 0;
        }
        int shift = Integer.numberOfLeadingZeros(range) - 24;
        range <<= shift;
        spare -= shift;
        while (spare < 0) {
            value = value << 8 | next();
            spare += 8;
        }
        return bit;
    }

    boolean flag() {
        return bit(128) != 0;
    }

    /** An unsigned number, its highest bit first. */
    int number(int bits) {
        int number = 0;
        for (int i = 0; i < bits; i++) {
            number = number << 1 | bit(128);
        }
        return number;
    }

    /** A number and its sign, 0 if a flag says there is none. */
    int optionalSigned(int bits) {
        if (!flag()) {
            return 0;
        }
        int number = number(bits);
        return flag() ? -number : number;
    }
}
