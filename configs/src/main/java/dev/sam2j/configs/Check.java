package dev.sam2j.configs;

/** Validity checks of the records; each failure names the YAML key. */
final class Check {

    private Check() {}

    static void that(boolean condition, String key, String problem) {
        if (!condition) {
            throw new InvalidSettingException(key, problem);
        }
    }

    static void range(String key, int value, int min, int max) {
        that(value >= min && value <= max, key, "expected a whole number in " + min + ".." + max + ", got " + value);
    }

    static void only(String key, Object value, Object supported) {
        that(supported.equals(value), key, "only " + supported + " is supported, got " + value);
    }

    static void multiple(String key, int value, int of) {
        that(value % of == 0, key, "expected a multiple of " + of + ", got " + value);
    }

    static void positive(String key, double value) {
        that(value > 0 && Double.isFinite(value), key, "expected a finite number above 0, got " + value);
    }

    static void finite(String key, double value) {
        that(Double.isFinite(value), key, "expected a finite number, got " + value);
    }
}
