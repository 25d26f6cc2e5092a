package dev.sam2j.configs;

import java.util.HashSet;
import java.util.List;

/**
 * Feature pyramid neck ({@code FpnNeck}): one 1x1 convolution per trunk stage, summed top down on some levels.
 *
 * @param dModel channels of every output, a multiple of 16 (the mask decoder has 8 heads of half that width)
 * @param backboneChannelList channels of the trunk's stages, deepest first
 * @param fpnTopDownLevels levels (0 = stride 4) that receive the upsampled deeper level; only 2 and 3 are supported
 * @param fpnInterpModel upsampling of the top-down path; only {@code nearest} is supported
 * @param fuseType how the two are joined; only {@code sum} is supported
 * @param positionEncoding encoding of every output map, with {@code dModel} channels
 */
public record FpnNeckConfig(
        int dModel,
        List<Integer> backboneChannelList,
        List<Integer> fpnTopDownLevels,
        String fpnInterpModel,
        String fuseType,
        PositionEncodingConfig positionEncoding) {

    /** Checks the ranges given at the components; throws {@link IllegalArgumentException} naming the YAML key. */
    public FpnNeckConfig {
        backboneChannelList = List.copyOf(backboneChannelList);
        fpnTopDownLevels = List.copyOf(fpnTopDownLevels);
        Check.range("d_model", dModel, 16, HieraConfig.MAX_CHANNELS);
        Check.multiple("d_model", dModel, 16);
        for (int channels : backboneChannelList) {
            Check.range("backbone_channel_list", channels, 1, HieraConfig.MAX_CHANNELS);
        }
        // The finer levels are joined with the mask decoder's convolutions; above the deepest there is nothing to add.
        Check.that(
                fpnTopDownLevels.contains(2) && fpnTopDownLevels.stream().allMatch(level -> level == 2 || level == 3),
                "fpn_top_down_levels",
                "only [2, 3] is supported, got " + fpnTopDownLevels);
        Check.that(
                new HashSet<>(fpnTopDownLevels).size() == fpnTopDownLevels.size(),
                "fpn_top_down_levels",
                "a level is listed twice in " + fpnTopDownLevels);
        Check.only("fpn_interp_model", fpnInterpModel, "nearest");
        Check.only("fuse_type", fuseType, "sum");
        Check.that(
                positionEncoding.numPosFeats() == dModel,
                "position_encoding.num_pos_feats",
                "expected d_model = " + dModel + ", got " + positionEncoding.numPosFeats());
    }
}
