package dev.sam2j.parity;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** How far a training case is from its recording: the worst error of each kind, and all that exceed their bound. */
final class TrainingErrors {
    private final Map<String, Kind> kinds = new LinkedHashMap<>();
    private final List<String> violations = new ArrayList<>();

    /** The worst of one kind. */
    private static final class Kind {
        private int count;
        private double worst;
        private double worstShare;
        private String where = "";
    }

    /**
     * Notes an error.
     *
     * @param kind of quantity
     * @param where it was found
     * @param bound that it must not exceed
     */
    void add(String kind, String where, double error, double bound) {
        Kind known = kinds.computeIfAbsent(kind, key -> new Kind());
        double share = error / bound;
        if (known.count == 0 || !(share <= known.worstShare)) {
            known.worst = error;
            known.worstShare = share;
            known.where = where;
        }
        known.count++;
        if (!(error <= bound)) {
            violations.add(String.format(Locale.ROOT, "%s: %s %.2e, at most %.2e", where, kind, error, bound));
        }
    }

    /** Notes a decision or a part that must agree. */
    void agree(String kind, String where, Object actual, Object expected) {
        add(kind, where + " " + actual + " instead of " + expected, actual.equals(expected) ? 0 : 1, 0.5);
    }

    /** What exceeds its bound, in words. */
    List<String> violations() {
        return violations;
    }

    /** A line for each kind: how many, the worst in relation to its bound, and where that is. */
    String summary() {
        StringBuilder text = new StringBuilder();
        kinds.forEach((name, kind) -> text.append(String.format(
                Locale.ROOT,
                "  %-28s %5d compared, worst %.2e (%.3f of its bound) %s%n",
                name,
                kind.count,
                kind.worst,
                kind.worstShare,
                kind.worst == 0 ? "" : kind.where)));
        return text.toString();
    }
}
