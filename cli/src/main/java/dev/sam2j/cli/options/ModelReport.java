package dev.sam2j.cli.options;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sam2j.cli.terminal.Console;
import dev.sam2j.predictors.Sam2Model;
import dev.sam2j.predictors.model.LoadedModel;
import dev.sam2j.tensor.Backend;
import java.util.Locale;

/** What a report says of the model that computed. */
public final class ModelReport {
    private ModelReport() {}

    /** Adds the model, its device and its number format. */
    public static void begin(Sam2Model model, ObjectNode report) {
        report.put("model", model.name());
        report.put("device", model.device());
        report.put("precision", model.precision().name().toLowerCase(Locale.ROOT));
    }

    /** Adds {@code device_memory} in bytes after the work, and says it, if the device has memory of its own. */
    public static void end(Sam2Model model, ObjectNode report, Console console) {
        Backend backend = LoadedModel.of(model).backend();
        backend.memory().ifPresent(memory -> {
            ObjectNode node = report.putObject("device_memory");
            node.put("weights", memory.weights());
            node.put("tensors", memory.tensors());
            node.put("scratch", memory.scratch());
            node.put("free", memory.free());
            node.put("total", memory.total());
            console.say(backend.info().name() + ": " + memory);
        });
    }
}
