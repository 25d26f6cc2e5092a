package dev.sam2j.weights;

import java.util.Optional;
import java.util.stream.Stream;

/** The official checkpoints (Apache-2.0), by the names of {@code --model}. */
public enum NamedCheckpoint {
    /** SAM 2.1 tiny. */
    TINY("tiny", "t", 156008466, "7402e0d864fa82708a20fbd15bc84245c2f26dff0eb43a4b5b93452deb34be69"),
    /** SAM 2.1 small. */
    SMALL("small", "s", 184416285, "6d1aa6f30de5c92224f8172114de081d104bbd23dd9dc5c58996f0cad5dc4d38"),
    /** SAM 2.1 base+. */
    BASE_PLUS("base_plus", "b+", 323606802, "a2345aede8715ab1d5d31b4a509fb160c5a4af1970f199d9054ccfb746c004c5"),
    /** SAM 2.1 large. */
    LARGE("large", "l", 898083611, "2647878d5dfa5098f2f8649825738a9345572bae2d4350a2468587ece47dd318"),
    /** SAM 2.0 tiny. */
    SAM2_TINY("tiny", "t", 155906050, "65b50056e05bcb13694174f51bb6da89c894b57b75ccdf0ba6352c597c5d1125"),
    /** SAM 2.0 small. */
    SAM2_SMALL("small", "s", 184309650, "95949964d4e548409021d47b22712d5f1abf2564cc0c3c765ba599a24ac7dce3"),
    /** SAM 2.0 base+. */
    SAM2_BASE_PLUS("base_plus", "b+", 323493298, "d0bb7f236400a49669ffdd1be617959a8b1d1065081789d7bbff88eded3a8071"),
    /** SAM 2.0 large. */
    SAM2_LARGE("large", "l", 897952466, "7442e4e9b732a508f80e141e7c2913437a3610ee0c77381a66658c3a445df87b");

    private final String modelName;
    private final String configName;
    private final RemoteFile remote;

    NamedCheckpoint(String size, String letter, long bytes, String sha256) {
        boolean first = name().startsWith("SAM2_");
        String family = first ? "sam2_hiera_" : "sam2.1_hiera_";
        String file = family + size + ".pt";
        this.configName = family + letter;
        this.modelName = first ? configName : size.replace('_', '-');
        this.remote = new RemoteFile(file, (first ? "072824/" : "092824/") + file, bytes, sha256);
    }

    /** The checkpoint that {@code --model name} means, if it is an official one. */
    public static Optional<NamedCheckpoint> named(String name) {
        return Stream.of(values()).filter(model -> model.modelName.equals(name)).findFirst();
    }

    /** The name users give, for example {@code base-plus} or {@code sam2_hiera_b+}. */
    public String modelName() {
        return modelName;
    }

    /** The model's configuration without its ending, for example {@code sam2.1_hiera_b+}. */
    public String configName() {
        return configName;
    }

    /** The name of its file. */
    public String fileName() {
        return remote.name();
    }

    /** The SHA-256 of its file in lower-case hexadecimal digits. */
    public String sha256() {
        return remote.sha256();
    }

    /** Where it is and what it must be. */
    RemoteFile remote() {
        return remote;
    }
}
