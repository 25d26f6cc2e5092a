package dev.sam2j.configs;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Image encoder: trunk and neck.
 *
 * @param scalp number of deepest neck outputs that are dropped; only 1 is supported
 * @param trunk the Hiera trunk
 * @param neck the neck, whose {@code backbone_channel_list} must be the trunk's stage channels, deepest first
 */
public record ImageEncoderConfig(int scalp, HieraConfig trunk, FpnNeckConfig neck) {

    /** Checks the ranges given at the components; throws {@link IllegalArgumentException} naming the YAML key. */
    public ImageEncoderConfig {
        Check.only("scalp", scalp, 1);
        List<Integer> dims = new ArrayList<>(trunk.stageDims());
        Collections.reverse(dims);
        Check.that(
                neck.backboneChannelList().equals(dims),
                "neck.backbone_channel_list",
                "the trunk's stages have the channels " + dims + ", got " + neck.backboneChannelList());
    }
}
