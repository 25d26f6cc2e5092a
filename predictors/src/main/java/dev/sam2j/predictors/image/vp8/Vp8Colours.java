package dev.sam2j.predictors.image.vp8;

/** VP8's YUV with halved colours as RGB, rounded as libwebp does. */
final class Vp8Colours {
    private Vp8Colours() {}

    /** Converts to interleaved blue, green and red. */
    static void convert(Vp8Frame.Plane[] planes, int width, int height, byte[] bgr) {
        Vp8Frame.Plane luma = planes[0];
        byte[] u = new byte[width];
        byte[] v = new byte[width];
        for (int y = 0, out = 0; y < height; y++) {
            widen(planes[1], y, width, height, u);
            widen(planes[2], y, width, height, v);
            for (int x = 0; x < width; x++, out += 3) {
                int light = (luma.samples[luma.at(x, y)] & 255) * 19077 >> 8;
                int cb = u[x] & 255;
                int cr = v[x] & 255;
                bgr[out] = Vp8Frame.clip(light + (cb * 33050 >> 8) - 17685 >> 6);
                bgr[out + 1] = Vp8Frame.clip(light - (cb * 6419 >> 8) - (cr * 13320 >> 8) + 8708 >> 6);
                bgr[out + 2] = Vp8Frame.clip(light + (cr * 26149 >> 8) - 14234 >> 6);
            }
        }
    }

    /** A row of colours at full width: 9/16 of the nearest, 3/16 of its neighbours, 1/16 of the one across. */
    private static void widen(Vp8Frame.Plane plane, int y, int width, int height, byte[] row) {
        int columns = (width + 1) / 2;
        int nearRow = y / 2;
        int farRow = Math.max(0, Math.min((height + 1) / 2 - 1, y % 2 == 0 ? nearRow - 1 : nearRow + 1));
        int near = plane.at(0, nearRow);
        int far = plane.at(0, farRow);
        byte[] samples = plane.samples;
        for (int x = 0; x < width; x++) {
            int m = x / 2;
            int n = x % 2 == 0 ? m - 1 : m + 1;
            int nearest = samples[near + m] & 255;
            int below = samples[far + m] & 255;
            if (n < 0 || n >= columns) {
                row[x] = (byte) (3 * nearest + below + 2 >> 2);
            } else {
                int beside = samples[near + n] & 255;
                int across = samples[far + n] & 255;
                row[x] = (byte) ((nearest + 3 * beside + 3 * below + across + 8 >> 3) + nearest >> 1);
            }
        }
    }
}
