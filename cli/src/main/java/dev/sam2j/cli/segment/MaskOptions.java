package dev.sam2j.cli.segment;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sam2j.cli.terminal.CliException;
import dev.sam2j.predictors.PredictOptions;
import dev.sam2j.predictors.Prompt;
import java.util.List;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** How prompts are answered. */
final class MaskOptions {
    @ArgGroup
    private Count count = new Count();

    @Option(
            names = "--mask-threshold",
            paramLabel = "LOGIT",
            defaultValue = "0",
            description = "Logit above which a pixel belongs to the mask (default: 0).")
    private float threshold;

    @Option(
            names = "--max-hole-area",
            paramLabel = "N",
            defaultValue = "0",
            description = "Fill holes of up to N pixels of the low-resolution mask (default: 0, none).")
    private int maxHoleArea;

    @Option(
            names = "--max-sprinkle-area",
            paramLabel = "N",
            defaultValue = "0",
            description = "Remove islands of up to N pixels of the low-resolution mask (default: 0, none).")
    private int maxSprinkleArea;

    /** How many masks each object gets. */
    static final class Count {
        @Option(
                names = "--multimask",
                description = "Three alternatives per object, in the model's order (the default for a single point).")
        private boolean multimask;

        @Option(names = "--single", description = "One mask per object (the default for all other prompts).")
        private boolean single;
    }

    /**
     * Checks the ranges.
     *
     * @throws CliException if one is left
     */
    void check() {
        if (!Float.isFinite(threshold)) {
            throw CliException.usage("--mask-threshold: expected a finite number, got " + threshold);
        }
        if (maxHoleArea < 0 || maxSprinkleArea < 0) {
            throw CliException.usage("--max-hole-area and --max-sprinkle-area must not be negative");
        }
    }

    /** Adds what results depend on to a record of settings. */
    void addTo(ObjectNode settings) {
        settings.put("multimask", count.multimask ? "yes" : count.single ? "no" : "auto");
        settings.put("mask_threshold", threshold);
        settings.put("max_hole_area", maxHoleArea);
        settings.put("max_sprinkle_area", maxSprinkleArea);
    }

    /**
     * The options of a call. A single point may mean a part or the whole, so it gets three masks unless told otherwise.
     */
    PredictOptions toPredictOptions(List<Prompt> prompts) {
        Prompt first = prompts.get(0);
        boolean ambiguous =
                prompts.size() == 1 && first.points().size() == 1 && first.box() == null && first.mask() == null;
        boolean three = count.multimask || ambiguous && !count.single;
        return PredictOptions.DEFAULT
                .withMultimask(three)
                .withMaskThreshold(threshold)
                .withCleanup(maxHoleArea, maxSprinkleArea);
    }
}
