package dev.sam2j.training.run;

import dev.sam2j.training.ValidationScores;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;

/** How far a run has come, and its best weights so far. */
final class Progress {
    private long step;
    private int bestEpoch;
    private int epochsWithoutGain;
    private Scores before;
    private Scores best;

    /**
     * Scores of some weights.
     *
     * @param own on the validation pictures
     * @param general on the pictures whose skill is to be kept, or null
     */
    record Scores(ValidationScores own, ValidationScores general) {}

    /** A run that begins, with the scores of its weights. */
    Progress(Scores before) {
        this.before = before;
        this.best = before;
    }

    /** A run that goes on from {@link #toMap}. */
    Progress(Map<String, String> saved) {
        step = Long.parseLong(saved.get("step"));
        bestEpoch = Integer.parseInt(saved.get("best epoch"));
        epochsWithoutGain = Integer.parseInt(saved.get("epochs without gain"));
        before = scores(saved, "before");
        best = scores(saved, "best");
    }

    /** Everything that a run needs to go on. */
    Map<String, String> toMap() {
        Map<String, String> saved = new LinkedHashMap<>();
        saved.put("step", Long.toString(step));
        saved.put("best epoch", Integer.toString(bestEpoch));
        saved.put("epochs without gain", Integer.toString(epochsWithoutGain));
        put(saved, "before", before);
        put(saved, "best", best);
        return saved;
    }

    /** Steps of the optimiser so far. */
    long step() {
        return step;
    }

    /** A step has been made. */
    void advance() {
        step++;
    }

    /**
     * An epoch has been validated; where nothing validates, the last weights are the best.
     *
     * @param epoch from 1
     * @return whether these are the best weights so far
     */
    boolean add(int epoch, Scores scores) {
        boolean better = scores.own.objects() == 0 || scores.own.score() > best.own.score();
        if (better) {
            best = scores;
            bestEpoch = epoch;
            epochsWithoutGain = 0;
        } else {
            epochsWithoutGain++;
        }
        return better;
    }

    /** The epoch of the best weights, from 1; 0 while those of before are the best. */
    int bestEpoch() {
        return bestEpoch;
    }

    /** Epochs since then. */
    int epochsWithoutGain() {
        return epochsWithoutGain;
    }

    /** Scores of the weights before. */
    Scores before() {
        return before;
    }

    /** Scores of the best weights. */
    Scores best() {
        return best;
    }

    private static void put(Map<String, String> saved, String name, Scores scores) {
        saved.put(name, text(scores.own));
        if (scores.general != null) {
            saved.put(name + " general", text(scores.general));
        }
    }

    private static String text(ValidationScores scores) {
        return DoubleStream.concat(DoubleStream.of(scores.objects()), Arrays.stream(values(scores)))
                .mapToObj(Double::toString)
                .collect(Collectors.joining(" "));
    }

    private static Scores scores(Map<String, String> saved, String name) {
        String general = saved.get(name + " general");
        return new Scores(parse(saved.get(name)), general == null ? null : parse(general));
    }

    private static ValidationScores parse(String text) {
        double[] v =
                Arrays.stream(text.split(" ")).mapToDouble(Double::parseDouble).toArray();
        return new ValidationScores((int) v[0], v[1], v[2], v[3], v[4], v[5], v[6]);
    }

    /** The numbers of scores, in the order of the record. */
    static double[] values(ValidationScores scores) {
        return new double[] {
            scores.click(),
            scores.clickBest(),
            scores.clickDice(),
            scores.box(),
            scores.corrected(),
            scores.qualityError()
        };
    }
}
