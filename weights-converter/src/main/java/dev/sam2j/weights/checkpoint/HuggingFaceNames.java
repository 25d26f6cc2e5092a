package dev.sam2j.weights.checkpoint;

import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The names that Hugging Face transformers gives the tensors of {@code Sam2Model} and {@code Sam2VideoModel}, in terms
 * of the official checkpoints. The stored shapes are the same, but for the four point embeddings, which transformers
 * stacks into one tensor.
 */
final class HuggingFaceNames {
    /** Rows {@code i} of this tensor are the official {@code sam_prompt_encoder.point_embeddings.i.weight}. */
    static final String POINT_EMBEDDINGS = "prompt_encoder.point_embed.weight";

    /** The prompt encoder's copy of {@link #POSITIONAL_EMBEDDING}, tied to it. */
    static final String TIED_POSITIONAL_EMBEDDING = "prompt_encoder.shared_embedding.positional_embedding";

    static final String POSITIONAL_EMBEDDING = "shared_image_embedding.positional_embedding";

    /** The first rule that matches rewrites the name. */
    private static final List<Rule> RULES = List.of(
            rule("^no_memory_embedding$", "no_mem_embed"),
            rule("^no_memory_positional_encoding$", "no_mem_pos_enc"),
            rule("^memory_temporal_positional_encoding$", "maskmem_tpos_enc"),
            rule("^no_object_pointer$", "no_obj_ptr"),
            rule("^occlusion_spatial_embedding_parameter$", "no_obj_embed_spatial"),
            rule("^temporal_positional_encoding_projection_layer\\.", "obj_ptr_tpos_proj."),
            rule("^object_pointer_proj\\.", "obj_ptr_proj."),
            rule(
                    "^(shared_image_embedding|prompt_encoder\\.shared_embedding)\\.positional_embedding$",
                    "sam_prompt_encoder.pe_layer.positional_encoding_gaussian_matrix"),
            rule("^vision_encoder\\.backbone\\.patch_embed\\.projection\\.", "image_encoder.trunk.patch_embed.proj."),
            rule("^vision_encoder\\.backbone\\.", "image_encoder.trunk."),
            rule("^vision_encoder\\.neck\\.convs\\.(\\d+)\\.", "image_encoder.neck.convs.$1.conv."),
            rule("^prompt_encoder\\.mask_embed\\.conv1\\.", "sam_prompt_encoder.mask_downscaling.0."),
            rule("^prompt_encoder\\.mask_embed\\.layer_norm1\\.", "sam_prompt_encoder.mask_downscaling.1."),
            rule("^prompt_encoder\\.mask_embed\\.conv2\\.", "sam_prompt_encoder.mask_downscaling.3."),
            rule("^prompt_encoder\\.mask_embed\\.layer_norm2\\.", "sam_prompt_encoder.mask_downscaling.4."),
            rule("^prompt_encoder\\.mask_embed\\.conv3\\.", "sam_prompt_encoder.mask_downscaling.6."),
            rule("^prompt_encoder\\.", "sam_prompt_encoder."),
            rule("^mask_decoder\\.upscale_conv1\\.", "sam_mask_decoder.output_upscaling.0."),
            rule("^mask_decoder\\.upscale_layer_norm\\.", "sam_mask_decoder.output_upscaling.1."),
            rule("^mask_decoder\\.upscale_conv2\\.", "sam_mask_decoder.output_upscaling.3."),
            rule("^mask_decoder\\.", "sam_mask_decoder."),
            rule("^memory_encoder\\.feature_projection\\.", "memory_encoder.pix_feat_proj."),
            rule("^memory_encoder\\.projection\\.", "memory_encoder.out_proj."),
            rule("^memory_encoder\\.memory_fuser\\.layers\\.(\\d+)\\.scale$", "memory_encoder.fuser.layers.$1.gamma"),
            rule(
                    "^memory_encoder\\.memory_fuser\\.layers\\.(\\d+)\\.depthwise_conv\\.",
                    "memory_encoder.fuser.layers.$1.dwconv."),
            rule(
                    "^memory_encoder\\.memory_fuser\\.layers\\.(\\d+)\\.pointwise_conv",
                    "memory_encoder.fuser.layers.$1.pwconv"),
            rule("^memory_encoder\\.memory_fuser\\.", "memory_encoder.fuser."));

    private static final Pattern DOWNSAMPLER = Pattern.compile(
            "^memory_encoder\\.mask_downsampler\\.(?:layers\\.(\\d{1,3})\\.(conv|layer_norm)|final_conv)\\.");
    private static final Pattern LAYER_NORM = Pattern.compile("\\.layer_norm(\\d|_final_attn)?\\.");
    private static final Pattern HEAD = Pattern.compile(
            "^(sam_mask_decoder\\.(?:output_hypernetworks_mlps\\.\\d+|iou_prediction_head|pred_obj_score_head)"
                    + "|obj_ptr_proj)"
                    + "\\.(proj_in|layers\\.0|proj_out)\\.");

    private HuggingFaceNames() {}

    private record Rule(Pattern pattern, String replacement) {}

    private static Rule rule(String pattern, String replacement) {
        return new Rule(Pattern.compile(pattern), replacement);
    }

    /** Whether names are those of transformers' SAM 2: official ones never begin so. */
    static boolean present(Set<String> names) {
        return names.stream()
                .anyMatch(name -> name.startsWith("vision_encoder.backbone.")
                        || name.startsWith("vision_encoder.neck.convs.")
                        || name.startsWith("mask_decoder.")
                        || name.startsWith("prompt_encoder."));
    }

    /**
     * The official name of a tensor other than {@link #POINT_EMBEDDINGS}; unknown names stay what they are, but for
     * prefixes.
     */
    static String official(String name) {
        String translated = name;
        for (Rule rule : RULES) {
            Matcher matcher = rule.pattern().matcher(translated);
            if (matcher.find()) {
                translated = matcher.replaceFirst(rule.replacement());
                break;
            }
        }
        translated = downsampler(translated);
        translated = LAYER_NORM.matcher(translated).replaceFirst(".norm$1.");
        translated = translated.replace(".o_proj.", ".out_proj.");
        return perceptron(translated);
    }

    /**
     * The official downsampler is one sequence: convolution, norm and activation at 3i, 3i+1 and 3i+2, then a
     * convolution.
     */
    private static String downsampler(String name) {
        Matcher matcher = DOWNSAMPLER.matcher(name);
        if (!matcher.find()) {
            return name;
        }
        int index = matcher.group(1) == null
                ? 12
                : 3 * Integer.parseInt(matcher.group(1)) + (matcher.group(2).equals("conv") ? 0 : 1);
        return "memory_encoder.mask_downsampler.encoder." + index + "." + name.substring(matcher.end());
    }

    /** Three-layer heads number their layers 0 to 2, two-layer perceptrons of blocks 0 and 1. */
    private static String perceptron(String name) {
        Matcher head = HEAD.matcher(name);
        if (head.find()) {
            int layer = switch (head.group(2)) {
                case "proj_in" -> 0;
                case "proj_out" -> 2;
                default -> 1;
            };
            return head.group(1) + ".layers." + layer + "." + name.substring(head.end());
        }
        return name.replace(".mlp.proj_in.", ".mlp.layers.0.").replace(".mlp.proj_out.", ".mlp.layers.1.");
    }
}
