package dev.sam2j.weights.checkpoint;

import dev.sam2j.tensor.weights.WeightSource;
import dev.sam2j.weights.NamedCheckpoint;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What model a checkpoint is of, judged by the names and shapes of its tensors.
 *
 * @param description what people call it, for example {@code SAM 2.1 tiny} or {@code EfficientTAM, not SAM 2}
 * @param model the published model of the same structure, if it is one
 */
public record ModelKind(String description, Optional<NamedCheckpoint> model) {
    private static final String TRUNK = "image_encoder.trunk.";

    /** The first of which a name matches. SAM 2's own trunk is recognised before, by its window's embedding. */
    private static final List<Family> OTHERS = List.of(
            family("\\.lora_|^base_model\\.", "an adapter (LoRA), to be merged into its SAM 2 model first"),
            family(
                    "^(detector|tracker|detector_model|tracker_model|detr_encoder)\\.|^vision_encoder\\.neck\\.fpn_layers\\.",
                    "SAM 3, not SAM 2"),
            family("^spatial_perceiver\\.|^image_encoder\\.trunk\\.(body|timm_model)\\.", "EdgeTAM, not SAM 2"),
            family("^image_encoder\\.trunk\\.blocks\\.", "EfficientTAM, not SAM 2"),
            family("^mask_decoder\\.(hf_token|hq_token)\\.", "HQ-SAM, not SAM 2"),
            family("^image_encoder\\.patch_embed\\.seq\\.", "MobileSAM, not SAM 2"),
            family("^image_encoder\\.blocks\\.|^vision_encoder\\.layers\\.", "SAM 1, not SAM 2"));

    private record Family(Pattern pattern, String description) {}

    private static Family family(String pattern, String description) {
        return new Family(Pattern.compile(pattern), description);
    }

    /** Judges an open checkpoint. */
    public static ModelKind of(Checkpoints.Source source) {
        Set<String> names = source.names();
        boolean trunk = names.contains(TRUNK + "pos_embed_window")
                && source.shape(TRUNK + "pos_embed").rank() == 4;
        if (!trunk) {
            return of(other(source));
        }
        if (names.contains("sam_mask_decoder.hf_token.weight")) {
            return of("HQ-SAM 2, not SAM 2");
        }
        String size = size(source);
        boolean first = !names.contains("no_obj_embed_spatial");
        if (isForPicturesOnly(source)) {
            return new ModelKind(
                    (size.isEmpty() ? "SAM 2 of another size" : "SAM 2 " + size) + ", for pictures only",
                    named(size, false));
        }
        String generation = first ? "SAM 2.0 " : "SAM 2.1 ";
        return size.isEmpty()
                ? of(generation + otherSize(source))
                : new ModelKind(generation + size, named(size, first));
    }

    private static ModelKind of(String description) {
        return new ModelKind(description, Optional.empty());
    }

    /** Whether a SAM 2 model has nothing of what videos need, as {@code Sam2Model} of transformers. */
    public static boolean isForPicturesOnly(WeightSource source) {
        return source.names().stream()
                .allMatch(name -> name.startsWith("image_encoder.")
                        || name.startsWith("sam_prompt_encoder.")
                        || name.startsWith("sam_mask_decoder.")
                        || name.equals("no_mem_embed"));
    }

    /** Another model by its names, without what was taken for a wrapper or as they stand in the file. */
    private static String other(Checkpoints.Source source) {
        for (Family family : OTHERS) {
            if (Stream.concat(source.names().stream(), source.file().names().stream())
                    .anyMatch(name -> family.pattern().matcher(name).find())) {
                return family.description();
            }
        }
        return "not a SAM 2 model";
    }

    private static int width(WeightSource source) {
        return source.shape(TRUNK + "pos_embed").dim(1);
    }

    private static int depth(WeightSource source) {
        int depth = 0;
        while (source.names().contains(TRUNK + "blocks." + depth + ".norm1.weight")) {
            depth++;
        }
        return depth;
    }

    /** The published size, or an empty string. */
    private static String size(WeightSource source) {
        return switch (width(source) + "x" + depth(source)) {
            case "96x12" -> "tiny";
            case "96x16" -> "small";
            case "112x24" -> "base-plus";
            case "144x48" -> "large";
            default -> "";
        };
    }

    private static String otherSize(WeightSource source) {
        return "of another size (width " + width(source) + ", " + depth(source) + " blocks)";
    }

    private static Optional<NamedCheckpoint> named(String size, boolean first) {
        return Optional.ofNullable(
                switch (size) {
                    case "tiny" -> first ? NamedCheckpoint.SAM2_TINY : NamedCheckpoint.TINY;
                    case "small" -> first ? NamedCheckpoint.SAM2_SMALL : NamedCheckpoint.SMALL;
                    case "base-plus" -> first ? NamedCheckpoint.SAM2_BASE_PLUS : NamedCheckpoint.BASE_PLUS;
                    case "large" -> first ? NamedCheckpoint.SAM2_LARGE : NamedCheckpoint.LARGE;
                    default -> null;
                });
    }
}
