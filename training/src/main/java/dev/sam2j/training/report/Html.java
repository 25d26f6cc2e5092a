package dev.sam2j.training.report;

/** Text in HTML pages. */
final class Html {
    private Html() {}

    /** Text that may hold anything, also names of files chosen by others. */
    static String text(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }
}
