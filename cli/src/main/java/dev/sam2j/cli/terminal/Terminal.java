package dev.sam2j.cli.terminal;

import dev.sam2j.common.io.PrintableText;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.charset.Charset;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.StandardCharsets;

/**
 * Stdout or stderr: the one way by which text leaves the command. Whatever a terminal would obey, other than the ends
 * of lines, and whatever its encoding lacks is written escaped; and a failure to write is kept to be told.
 */
public final class Terminal extends PrintWriter {
    private static final String ERASE_LINE = "\r\033[K";

    private final SafeWriter writer;

    private Terminal(SafeWriter writer) {
        super(writer);
        this.writer = writer;
    }

    /** Writes to a stream in an encoding. */
    public static Terminal of(OutputStream out, Charset encoding) {
        return new Terminal(new SafeWriter(out, encoding));
    }

    /** The process's standard output. */
    public static Terminal stdout() {
        return of(new FileOutputStream(FileDescriptor.out), encoding("stdout.encoding"));
    }

    /** The process's standard error output. */
    public static Terminal stderr() {
        return of(new FileOutputStream(FileDescriptor.err), encoding("stderr.encoding"));
    }

    /** What Java found out of a stream; Java 17 names only the encoding of the locale. */
    private static Charset encoding(String property) {
        try {
            return Charset.forName(System.getProperty(property, System.getProperty("native.encoding", "")));
        } catch (IllegalArgumentException e) {
            return StandardCharsets.UTF_8;
        }
    }

    /** Writes one line, whatever the text holds. */
    public void line(String text) {
        println(PrintableText.escaped(text));
        flush();
    }

    /** Writes over the current line and stays on it. */
    void redraw(String line) {
        flush();
        writer.writeRaw(ERASE_LINE);
        print(PrintableText.escaped(line));
        flush();
    }

    /** What went wrong first, or null. */
    public IOException failure() {
        flush();
        return writer.failure;
    }

    /** Escapes and encodes. */
    private static final class SafeWriter extends Writer {
        private final OutputStream out;
        private final Charset encoding;
        private final CharsetEncoder encoder;
        private IOException failure;

        SafeWriter(OutputStream out, Charset encoding) {
            this.out = out;
            this.encoding = encoding;
            this.encoder = encoding.newEncoder();
        }

        @Override
        public void write(char[] text, int from, int count) {
            StringBuilder safe = new StringBuilder(count + 16);
            String string = new String(text, from, count);
            for (int i = 0; i < count; ) {
                int codePoint = string.codePointAt(i);
                i += Character.charCount(codePoint);
                boolean lineEnd = codePoint == '\n' || codePoint == '\r' && i < count && string.charAt(i) == '\n';
                if (lineEnd || PrintableText.isPrintable(codePoint) && isEncodable(codePoint)) {
                    safe.appendCodePoint(codePoint);
                } else {
                    PrintableText.appendEscaped(safe, codePoint);
                }
            }
            writeRaw(safe.toString());
        }

        private boolean isEncodable(int codePoint) {
            return codePoint < 0x80 || encoder.canEncode(Character.toString(codePoint));
        }

        void writeRaw(String text) {
            try {
                if (failure == null) {
                    out.write(text.getBytes(encoding));
                }
            } catch (IOException e) {
                failure = e;
            }
        }

        @Override
        public void flush() {
            try {
                out.flush();
            } catch (IOException e) {
                failure = failure == null ? e : failure;
            }
        }

        @Override
        public void close() {
            flush();
        }
    }
}
