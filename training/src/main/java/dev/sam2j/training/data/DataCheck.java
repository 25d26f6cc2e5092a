package dev.sam2j.training.data;

import dev.sam2j.Sam2jException;
import dev.sam2j.predictors.image.Picture;
import dev.sam2j.predictors.mask.Mask;
import dev.sam2j.training.data.augment.MaskScaler;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;

/**
 * Reads every picture and every mask once, before the first step: what would stop a run after hours is told now.
 * Nothing of them is kept.
 */
public final class DataCheck {
    /** Memory for the masks of a picture that are looked at together. */
    private static final long MASK_BYTES = 64 << 20;

    private final int imageSize;
    private final int minArea;
    private final Findings findings;
    private final List<Sample> good = new ArrayList<>();
    private final List<Integer> areas = new ArrayList<>();
    private final Map<Long, String> seen = new HashMap<>();

    /**
     * A check.
     *
     * @param imageSize side of the model's square picture
     * @param minArea fewest pixels of an object on it; smaller ones are left out
     * @param findings is told what is wrong and what is left out
     */
    public DataCheck(int imageSize, int minArea, Findings findings) {
        this.imageSize = imageSize;
        this.minArea = minArea;
        this.findings = findings;
    }

    /**
     * What of the samples can be trained on.
     *
     * @param progress hears of samples that have been looked at, and of how many there are
     * @throws dev.sam2j.training.TrainingException if something is wrong, unless that is left out
     */
    public DataSet check(List<Sample> samples, BiConsumer<Integer, Integer> progress) {
        int done = 0;
        for (Sample sample : samples) {
            try {
                check(sample);
            } catch (Sam2jException e) {
                findings.bad(e.getMessage());
            }
            progress.accept(++done, samples.size());
        }
        return new DataSet(good);
    }

    /** Pixels on the model's square picture of each object that is used. */
    public int[] areas() {
        return areas.stream().mapToInt(Integer::intValue).toArray();
    }

    private void check(Sample sample) {
        Picture picture = sample.picture();
        int width = picture.width();
        int height = picture.height();
        if (sample.width() > 0 && (sample.width() != width || sample.height() != height)) {
            findings.bad(sample.file() + " has " + width + "x" + height + " pixels, its annotations are made for "
                    + sample.width() + "x" + sample.height());
            return;
        }
        String twin = seen.putIfAbsent(fingerprint(picture), sample.name());
        if (twin != null) {
            findings.tell("twins", sample.name() + " has the same pixels as " + twin + "; only that is used");
            findings.leaveOut("pictures with the same pixels as another", 1);
            return;
        }
        int[] kept = usable(sample, width, height);
        if (kept.length == 0) {
            findings.leaveOut("pictures without objects", 1);
        } else {
            good.add(sample.checked(width, height, kept));
        }
    }

    private static long fingerprint(Picture picture) {
        long hash = picture.width();
        for (byte sample : picture.rgb()) {
            hash = hash * 0x9E3779B97F4A7C15L + sample;
        }
        return hash ^ hash >>> 32;
    }

    private int[] usable(Sample sample, int width, int height) {
        int count = sample.objects().count();
        int together = (int) Math.max(1, Math.min(count, MASK_BYTES / ((long) width * height / 8 + 1)));
        int[] kept = new int[count];
        int size = 0;
        Set<Mask> different = new HashSet<>();
        for (int from = 0; from < count; from += together) {
            int[] some = IntStream.range(from, Math.min(from + together, count)).toArray();
            List<Mask> masks = decode(sample, some, width, height);
            for (int i = 0; i < some.length; i++) {
                if (masks.get(i) != null && isUsable(sample, some[i], masks.get(i), different)) {
                    kept[size++] = some[i];
                }
            }
        }
        return Arrays.copyOf(kept, size);
    }

    /** The masks, null for those that are broken. */
    private List<Mask> decode(Sample sample, int[] some, int width, int height) {
        try {
            return sample.objects().decode(some, width, height);
        } catch (Sam2jException e) {
            if (some.length == 1) {
                findings.bad(e.getMessage());
                return Arrays.asList((Mask) null);
            }
        }
        List<Mask> masks = new ArrayList<>();
        for (int object : some) {
            masks.addAll(decode(sample, new int[] {object}, width, height));
        }
        return masks;
    }

    private boolean isUsable(Sample sample, int object, Mask mask, Set<Mask> different) {
        if (mask.isEmpty()) {
            findings.bad(sample.name() + ": " + sample.objects().name(object) + " has no pixel");
            return false;
        }
        Mask square = MaskScaler.toSquare(mask, imageSize);
        if (square.area() < Math.max(1, minArea)) {
            findings.leaveOut("objects smaller than " + minArea + " pixels after scaling", 1);
            return false;
        }
        if (!different.add(square)) {
            findings.leaveOut("objects annotated twice", 1);
            return false;
        }
        areas.add(square.area());
        return true;
    }
}
