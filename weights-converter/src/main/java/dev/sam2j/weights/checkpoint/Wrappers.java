package dev.sam2j.weights.checkpoint;

import dev.sam2j.weights.CheckpointException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What training programs put around a model, in the names of its tensors: levels of {@code DistributedDataParallel},
 * {@code torch.compile} and their kind anywhere, and the name of the attribute that holds the model at the beginning,
 * such as {@code model.} or {@code sam2.}.
 */
final class Wrappers {
    private static final Set<String> LEVELS = Set.of(
            "module", "_module", "_orig_mod", "_forward_module", "_fsdp_wrapped_module", "_checkpoint_wrapped_module");

    /** A name of the image encoder, from which what stands before it is learnt. */
    private static final Pattern ENCODER =
            Pattern.compile("^(.*?)(image_encoder\\.trunk|vision_encoder\\.backbone)\\.");

    private final String prefix;

    private Wrappers(String prefix) {
        this.prefix = prefix;
    }

    /**
     * Learns the prefix of a checkpoint's names.
     *
     * @throws CheckpointException if there are several models of several prefixes
     */
    static Wrappers of(Path path, Iterable<String> names) {
        Set<String> prefixes = new LinkedHashSet<>();
        for (String name : names) {
            Matcher matcher = ENCODER.matcher(withoutLevels(name));
            if (matcher.find()) {
                prefixes.add(matcher.group(1));
            }
        }
        if (prefixes.contains("")) {
            return new Wrappers("");
        }
        if (prefixes.size() > 1) {
            List<String> listed = new ArrayList<>(prefixes).subList(0, 2);
            throw new CheckpointException(
                    path,
                    "the checkpoint holds several models, under " + String.join(" and ", listed)
                            + "; save the one that is meant");
        }
        return new Wrappers(prefixes.isEmpty() ? "" : prefixes.iterator().next());
    }

    /** The name without wrappers, or null if it is of something beside the model. */
    String inner(String name) {
        String plain = withoutLevels(name);
        return plain.startsWith(prefix) ? plain.substring(prefix.length()) : null;
    }

    /** The prefix of the model's tensors, empty for most. */
    String prefix() {
        return prefix;
    }

    private static String withoutLevels(String name) {
        if (!name.contains("module") && !name.contains("_orig_mod")) {
            return name;
        }
        List<String> levels = new ArrayList<>(Arrays.asList(name.split("\\.")));
        levels.removeIf(LEVELS::contains);
        return String.join(".", levels);
    }
}
