package dev.sam2j.weights;

import dev.sam2j.weights.PickleValue.Container;
import dev.sam2j.weights.PickleValue.Mark;
import dev.sam2j.weights.PickleValue.None;
import dev.sam2j.weights.PickleValue.PyDict;
import dev.sam2j.weights.PickleValue.PyList;
import dev.sam2j.weights.PickleValue.PyTuple;
import dev.sam2j.weights.io.PrintableText;
import java.math.BigInteger;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * An interpreter for the pickles that {@code torch.save} writes (protocols 2 to 5; the opcodes are those of Python's
 * {@code pickletools}). It knows what state dictionaries need and nothing else: it builds containers, strings, numbers
 * and descriptions of tensors, and {@link TorchGlobals} decides which names exist. Opcodes, stack, memo, strings and
 * nesting are bounded, so that a pickle of any content ends soon and in little memory.
 */
final class Unpickler {
    private static final int MAX_OPCODES = 2_000_000;
    private static final int MAX_STACK = 200_000;
    private static final int MAX_MEMO_INDEX = 2_000_000;
    private static final int MAX_STRING = 1 << 20;
    private static final int MAX_DEPTH = 64;
    private static final int MAX_INTEGER_BYTES = 16;

    private final Path path;
    private final ByteBuffer in;
    private final TorchGlobals globals;
    private final List<Object> stack = new ArrayList<>();
    private final List<Integer> marks = new ArrayList<>();
    private final Map<Integer, Object> memo = new HashMap<>();

    private Unpickler(Path path, byte[] pickle) {
        this.path = path;
        this.in = ByteBuffer.wrap(pickle).order(ByteOrder.LITTLE_ENDIAN);
        this.globals = new TorchGlobals(path);
    }

    /**
     * Runs a pickle that fills {@code pickle} exactly.
     *
     * @param path the file it came from, for messages
     * @throws CheckpointException if it is malformed, exceeds a bound, or asks for anything that is not allowed
     */
    static Object load(Path path, byte[] pickle) {
        return new Unpickler(path, pickle).run();
    }

    private Object run() {
        try {
            if (in.get() != (byte) 0x80) {
                throw damaged("it does not begin with a protocol number");
            }
            int protocol = in.get();
            if (protocol < 2 || protocol > 5) {
                throw damaged("protocol " + protocol + " is not one of 2 to 5");
            }
            for (int count = 0; count < MAX_OPCODES; count++) {
                int opcode = in.get() & 0xff;
                if (opcode == '.') {
                    return finish();
                }
                execute(opcode);
            }
        } catch (BufferUnderflowException e) {
            throw new CheckpointException(path, "the pickle is damaged: it ends in the middle", e);
        }
        throw damaged("it has more than " + MAX_OPCODES + " opcodes");
    }

    private Object finish() {
        Object result = pop();
        if (!stack.isEmpty() || in.hasRemaining()) {
            throw damaged("it goes on after its end");
        }
        return result;
    }

    private void execute(int opcode) {
        switch (opcode) {
            case '(' -> mark();
            case 'N' -> push(None.NONE);
            case 0x88 -> push(Boolean.TRUE);
            case 0x89 -> push(Boolean.FALSE);
            case 'J' -> push((long) in.getInt());
            case 'K' -> push((long) (in.get() & 0xff));
            case 'M' -> push((long) (in.getShort() & 0xffff));
            case 0x8a -> push(integer(in.get() & 0xff));
            case 'G' -> push(Double.longBitsToDouble(Long.reverseBytes(in.getLong())));
            case 'X' -> push(string(in.getInt() & 0xffffffffL));
            case 0x8c -> push(string(in.get() & 0xff));
            case 0x8d -> push(string(in.getLong()));
            case ')' -> push(new PyTuple(List.of()));
            case 0x85 -> push(tuple(popAll(1)));
            case 0x86 -> push(tuple(popAll(2)));
            case 0x87 -> push(tuple(popAll(3)));
            case 't' -> push(tuple(popToMark()));
            case ']' -> push(new PyList());
            case '}' -> push(new PyDict());
            case 'a' -> append(popAll(1));
            case 'e' -> append(popToMark());
            case 's' -> setItems(popAll(2));
            case 'u' -> setItems(popToMark());
            case 'c' -> push(globals.find(line(), line()));
            case 0x93 -> stackGlobal();
            case 'R' -> reduce();
            case 'b' -> build();
            case 'Q' -> push(globals.persistent(pop()));
            case 'q' -> memoize(in.get() & 0xff);
            case 'r' -> memoize(in.getInt());
            case 0x94 -> memoize(memo.size());
            case 'h' -> push(recall(in.get() & 0xff));
            case 'j' -> push(recall(in.getInt()));
            case 0x95 -> frame(in.getLong());
            default ->
                throw damaged(String.format(
                        Locale.ROOT,
                        "opcode 0x%02x at byte %d is not one that a state dictionary needs",
                        opcode,
                        in.position() - 1));
        }
    }

    private void mark() {
        marks.add(stack.size());
        push(Mark.MARK);
        if (marks.size() > MAX_DEPTH) {
            throw tooDeep();
        }
    }

    private void push(Object value) {
        if (stack.size() >= MAX_STACK) {
            throw damaged("its stack grows beyond " + MAX_STACK + " values");
        }
        stack.add(value);
    }

    private Object peek() {
        if (stack.isEmpty() || stack.get(stack.size() - 1) == Mark.MARK) {
            throw damaged("its stack is empty where a value is needed");
        }
        return stack.get(stack.size() - 1);
    }

    private Object pop() {
        Object top = peek();
        stack.remove(stack.size() - 1);
        return top;
    }

    private List<Object> popAll(int count) {
        Object[] values = new Object[count];
        for (int i = count - 1; i >= 0; i--) {
            values[i] = pop();
        }
        return List.of(values);
    }

    private List<Object> popToMark() {
        if (marks.isEmpty()) {
            throw damaged("a mark is missing");
        }
        int start = marks.remove(marks.size() - 1);
        List<Object> top = stack.subList(start, stack.size());
        List<Object> values = new ArrayList<>(top.subList(1, top.size()));
        top.clear();
        return values;
    }

    private PyTuple tuple(List<Object> items) {
        return bounded(new PyTuple(items));
    }

    private void append(List<Object> items) {
        if (!(peek() instanceof PyList list)) {
            throw damaged("it appends to something that is not a list");
        }
        items.forEach(list::add);
        bounded(list);
    }

    private void setItems(List<Object> items) {
        if (!(peek() instanceof PyDict dict) || items.size() % 2 != 0) {
            throw damaged("it sets items of something that is not a dictionary");
        }
        for (int i = 0; i < items.size(); i += 2) {
            Object key = items.get(i);
            if (!(key instanceof String || key instanceof Number || key instanceof Boolean)) {
                throw damaged("a dictionary has a key that is neither a string nor a number");
            }
            if (!dict.put(key, items.get(i + 1))) {
                throw damaged("a dictionary has the key " + PrintableText.shortened(key.toString()) + " twice");
            }
        }
        bounded(dict);
    }

    private void stackGlobal() {
        List<Object> names = popAll(2);
        if (!(names.get(0) instanceof String module) || !(names.get(1) instanceof String name)) {
            throw damaged("the name of a global is not a string");
        }
        push(globals.find(module, name));
    }

    private void reduce() {
        List<Object> call = popAll(2);
        push(globals.call(call.get(0), call.get(1)));
    }

    /**
     * {@code BUILD} sets attributes; the only ones a state dictionary has are its {@code _metadata}, which are not
     * needed.
     */
    private void build() {
        pop();
        if (!(peek() instanceof PyDict)) {
            throw damaged("it sets attributes of something that is not a dictionary");
        }
    }

    private void memoize(int index) {
        if (index < 0 || index > MAX_MEMO_INDEX) {
            throw damaged("its memo grows beyond " + MAX_MEMO_INDEX + " values");
        }
        memo.put(index, peek());
    }

    private Object recall(int index) {
        Object value = memo.get(index);
        if (value == null) {
            throw damaged("it recalls value " + Integer.toUnsignedString(index) + " which it never stored");
        }
        return value;
    }

    /** A frame says how many bytes follow in one piece, which only matters to readers of streams. */
    private void frame(long length) {
        if (length < 0 || length > in.remaining()) {
            throw new BufferUnderflowException();
        }
    }

    private Number integer(int length) {
        if (length > MAX_INTEGER_BYTES) {
            throw damaged("an integer has " + length + " bytes");
        }
        byte[] bigEndian = new byte[length + 1];
        for (int i = length; i > 0; i--) {
            bigEndian[i] = in.get();
        }
        bigEndian[0] = (byte) (length > 0 && bigEndian[1] < 0 ? -1 : 0);
        BigInteger value = new BigInteger(bigEndian);
        if (value.bitLength() < Long.SIZE) {
            return value.longValue();
        }
        return value;
    }

    private String string(long length) {
        if (length < 0 || length > in.remaining()) {
            throw new BufferUnderflowException();
        }
        if (length > MAX_STRING) {
            throw damaged("a string has " + length + " bytes");
        }
        ByteBuffer bytes = in.slice(in.position(), (int) length);
        in.position(in.position() + (int) length);
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
        } catch (CharacterCodingException e) {
            throw new CheckpointException(path, "the pickle is damaged: a string is not UTF-8", e);
        }
    }

    private String line() {
        StringBuilder text = new StringBuilder();
        for (byte next = in.get(); next != '\n'; next = in.get()) {
            text.append((char) (next & 0xff));
            if (text.length() > 256) {
                throw damaged("the name of a global is longer than 256 characters");
            }
        }
        return text.toString();
    }

    private <T extends Container> T bounded(T container) {
        if (container.depth() > MAX_DEPTH) {
            throw tooDeep();
        }
        return container;
    }

    private CheckpointException tooDeep() {
        return damaged("its containers are nested more than " + MAX_DEPTH + " deep");
    }

    private CheckpointException damaged(String what) {
        return new CheckpointException(path, "the pickle is damaged: " + what);
    }
}
