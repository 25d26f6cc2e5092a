package dev.sam2j.tensor.cuda;

/**
 * CUDA's libraries in this process.
 *
 * @param description one line for the log
 */
record LoadedLibraries(String description) {}
