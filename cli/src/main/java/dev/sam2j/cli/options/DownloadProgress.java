package dev.sam2j.cli.options;

import dev.sam2j.cli.terminal.Console;
import dev.sam2j.cli.terminal.ProgressLine;
import dev.sam2j.weights.DownloadListener;
import java.util.Locale;

/** Tells how a download goes. */
public final class DownloadProgress implements DownloadListener {
    private final Console console;
    private final String name;
    private ProgressLine line;

    /** Progress of the file that messages call {@code name}. */
    public DownloadProgress(Console console, String name) {
        this.console = console;
        this.name = name;
    }

    @Override
    public void progress(long bytes, long total) {
        if (line == null) {
            line = new ProgressLine(console, "downloading " + name, DownloadProgress::megabytes, System::nanoTime);
            if (!console.terminal()) {
                console.say("downloading " + name + ", " + megabytes(total));
            }
        }
        line.update(bytes, total);
    }

    @Override
    public void retrying(String reason) {
        end();
        console.say("the transfer was interrupted (" + reason + "), trying again");
    }

    @Override
    public void verifying() {
        end();
        console.say("checking the SHA-256 of " + name);
    }

    private void end() {
        if (line != null) {
            line.end();
        }
    }

    /** For example {@code 148.8 MB}, of 2<sup>20</sup> bytes. */
    public static String megabytes(long bytes) {
        return String.format(Locale.ROOT, "%.1f MB", bytes / 1048576.0);
    }
}
