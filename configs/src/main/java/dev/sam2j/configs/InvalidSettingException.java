package dev.sam2j.configs;

import dev.sam2j.Sam2jException;

/**
 * A setting that a configuration record refuses. The key is the YAML name relative to the record, possibly dotted
 * ({@code neck.backbone_channel_list}), which lets the reader of a file name the line.
 */
final class InvalidSettingException extends Sam2jException {

    private static final long serialVersionUID = 1L;

    private final String key;
    private final String problem;

    InvalidSettingException(String key, String problem) {
        super(key + ": " + problem);
        this.key = key;
        this.problem = problem;
    }

    String key() {
        return key;
    }

    String problem() {
        return problem;
    }
}
