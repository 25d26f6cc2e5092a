package dev.sam2j.cuda.ptx;

/** A variant of a kernel: a value that tells it from all others, and writes it. */
public interface PtxSource {
    /** Writes the kernel. */
    PtxKernel write();
}
