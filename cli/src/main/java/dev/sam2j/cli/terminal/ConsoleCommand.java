package dev.sam2j.cli.terminal;

import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** A command that speaks on the console of its run. */
public abstract class ConsoleCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    /** Where it speaks. */
    protected final Console console() {
        return Console.of(spec);
    }
}
