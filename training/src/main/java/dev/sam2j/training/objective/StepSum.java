package dev.sam2j.training.objective;

import java.util.Arrays;

/** Collects what happens to the objects of a batch in one prediction step. */
final class StepSum {
    private final boolean[] present;
    private final int[] bestQuality;
    private final int[] bestLoss;
    private Losses losses = Losses.NONE;

    StepSum(int objects) {
        this.present = new boolean[objects];
        this.bestQuality = new int[objects];
        this.bestLoss = new int[objects];
    }

    /** Which masks objects get, from {@code from} on, by their scores (n, 1) and the qualities predicted (n, M). */
    void decide(int from, float[] scores, float[] qualities) {
        int masks = qualities.length / scores.length;
        for (int object = 0; object < scores.length; object++) {
            present[from + object] = scores[object] > 0;
            int best = 0;
            for (int m = 1; m < masks; m++) {
                if (qualities[object * masks + m] > qualities[object * masks + best]) {
                    best = m;
                }
            }
            bestQuality[from + object] = best;
        }
    }

    void add(int from, int[] best, Losses chunk) {
        System.arraycopy(best, 0, bestLoss, from, best.length);
        losses = losses.plus(chunk);
    }

    boolean[] present(int from, int to) {
        return Arrays.copyOfRange(present, from, to);
    }

    int[] bestQuality(int from, int to) {
        return Arrays.copyOfRange(bestQuality, from, to);
    }

    StepLog log() {
        return new StepLog(losses, present, bestQuality, bestLoss);
    }
}
