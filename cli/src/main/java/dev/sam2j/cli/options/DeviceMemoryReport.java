package dev.sam2j.cli.options;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sam2j.cli.terminal.Console;
import dev.sam2j.tensor.Backend;

/** Tells how much memory of a GPU was used. */
public final class DeviceMemoryReport {
    private DeviceMemoryReport() {}

    /** Adds {@code device_memory} in bytes to a report and says it, if the device has memory of its own. */
    public static void add(Backend backend, ObjectNode report, Console console) {
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
