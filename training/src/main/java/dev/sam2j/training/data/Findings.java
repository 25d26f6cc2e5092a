package dev.sam2j.training.data;

import dev.sam2j.training.TrainingException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** What is found while a data set is read and checked: what is wrong, and what is left out and why. */
public final class Findings {
    /** Why what is wrong was left out. */
    public static final String BAD = "broken, see the messages";

    /** Most messages of what is wrong; what is counted further is not told one by one. */
    private static final int MESSAGES = 100;

    private final boolean skipBad;
    private final Consumer<String> notices;
    private final Map<String, Integer> leftOut = new LinkedHashMap<>();
    private final Set<String> told = new HashSet<>();

    /**
     * Nothing found so far.
     *
     * @param skipBad whether what is wrong is told and left out, rather than an end
     * @param notices is told in sentences
     */
    public Findings(boolean skipBad, Consumer<String> notices) {
        this.skipBad = skipBad;
        this.notices = notices;
    }

    /**
     * A picture or an object cannot be used.
     *
     * @param sentence what is wrong, with the file's name
     * @throws TrainingException with it, unless what is wrong is left out
     */
    public void bad(String sentence) {
        bad(() -> sentence);
    }

    /** As {@link #bad(String)}, for what may be wrong a million times: the sentence is made only if it is told. */
    public void bad(Supplier<String> sentence) {
        if (!skipBad) {
            throw new TrainingException(sentence.get());
        }
        leaveOut(BAD, 1);
        if (leftOut.get(BAD) <= MESSAGES) {
            notices.accept(sentence.get());
        }
    }

    /** Something is left out on purpose. */
    public void leaveOut(String reason, int count) {
        if (count > 0) {
            leftOut.merge(reason, count, Integer::sum);
        }
    }

    /**
     * Something that the user should know, told once.
     *
     * @param subject what it is about
     */
    public void tell(String subject, String sentence) {
        if (told.add(subject)) {
            notices.accept(sentence);
        }
    }

    /** What was left out: how many by reason, in the order in which they were found. */
    public Map<String, Integer> leftOut() {
        return leftOut;
    }
}
