package dev.sam2j.cuda.ptx.interpreter;

import java.util.Map;

/**
 * A parsed PTX module.
 *
 * @param version of the language, as {@code 7.0}
 * @param target as {@code sm_80}
 * @param kernels entries by name
 */
public record PtxModule(String version, String target, Map<String, KernelCode> kernels) {
    /** Parses PTX of 64-bit addresses. */
    public static PtxModule parse(String source) {
        return new PtxParser(source).parse();
    }

    KernelCode kernel(String name) {
        KernelCode kernel = kernels.get(name);
        if (kernel == null) {
            throw new PtxException("no entry " + name + " in the module, it has " + kernels.keySet());
        }
        return kernel;
    }
}
