package dev.sam2j.tensor.nn;

/** Host-side products that join two layers without a nonlinearity between them into one, when weights are loaded. */
public final class Matrices {
    private Matrices() {}

    /**
     * {@code a b + c}, summed in float64.
     *
     * @param a (m, k), row-major
     * @param b (k, n), row-major
     * @param c (m, n), or null for zeros
     * @param m rows of the result
     * @param n columns of the result
     */
    public static float[] product(float[] a, float[] b, float[] c, int m, int n) {
        int k = a.length / m;
        float[] result = new float[m * n];
        double[] row = new double[n];
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < n; j++) {
                row[j] = c == null ? 0 : c[i * n + j];
            }
            for (int p = 0; p < k; p++) {
                double factor = a[i * k + p];
                for (int j = 0; j < n; j++) {
                    row[j] += factor * b[p * n + j];
                }
            }
            for (int j = 0; j < n; j++) {
                result[i * n + j] = (float) row[j];
            }
        }
        return result;
    }
}
