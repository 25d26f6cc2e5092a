package dev.sam2j.training.data;

import dev.sam2j.predictors.mask.Mask;
import java.util.Arrays;
import java.util.List;

/** Some objects of a picture, in a given order. */
record SomeObjects(ObjectMasks all, int[] kept) implements ObjectMasks {
    @Override
    public int count() {
        return kept.length;
    }

    @Override
    public String name(int object) {
        return all.name(kept[object]);
    }

    @Override
    public List<Mask> decode(int[] objects, int width, int height) {
        return all.decode(Arrays.stream(objects).map(i -> kept[i]).toArray(), width, height);
    }
}
