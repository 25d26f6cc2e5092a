package dev.sam2j.configs;

import dev.sam2j.Sam2jException;

/** A configuration that cannot be used. The message names source, line and key path where they are known. */
public final class ConfigException extends Sam2jException {

    private static final long serialVersionUID = 1L;

    private final String source;
    private final int line;
    private final String keyPath;

    /**
     * Describes one fault.
     *
     * @param source file or resource name
     * @param line line number counted from 1, or 0 if the fault belongs to no line
     * @param keyPath dotted path of the key, or the empty string
     * @param problem one sentence without a final full stop
     */
    ConfigException(String source, int line, String keyPath, String problem) {
        super(source + (line > 0 ? ":" + line : "") + ": " + (keyPath.isEmpty() ? "" : keyPath + ": ") + problem);
        this.source = source;
        this.line = line;
        this.keyPath = keyPath;
    }

    /** Returns the file or resource name. */
    public String source() {
        return source;
    }

    /** Returns the line number counted from 1, or 0 if the fault belongs to no line. */
    public int line() {
        return line;
    }

    /** Returns the dotted path of the key, such as {@code model.image_encoder.trunk.embed_dim}, or the empty string. */
    public String keyPath() {
        return keyPath;
    }
}
