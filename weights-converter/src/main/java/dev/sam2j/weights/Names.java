package dev.sam2j.weights;

/** Names that come out of files and go to people's terminals. */
final class Names {
    static final int MAX_LENGTH = 512;

    private static final int SHOWN = 100;

    private Names() {}

    /** Whether a tensor may be called so: not endless, and nothing a terminal would obey. */
    static boolean isAcceptable(String name) {
        return name.length() <= MAX_LENGTH && name.chars().noneMatch(Names::isUnprintable);
    }

    /** Text from a file, shortened and without control characters. */
    static String printable(String text) {
        StringBuilder shown = new StringBuilder();
        text.chars().limit(SHOWN).forEach(c -> shown.append(isUnprintable(c) ? '?' : (char) c));
        return shown.append(text.length() > SHOWN ? "..." : "").toString();
    }

    private static boolean isUnprintable(int c) {
        int type = Character.getType(c);
        return type == Character.CONTROL
                || type == Character.FORMAT
                || type == Character.LINE_SEPARATOR
                || type == Character.PARAGRAPH_SEPARATOR;
    }
}
