package dev.sam2j.weights.torch;

import dev.sam2j.common.io.PrintableText;
import dev.sam2j.weights.CheckpointException;
import dev.sam2j.weights.torch.PickleValue.Container;
import dev.sam2j.weights.torch.PickleValue.Mark;
import dev.sam2j.weights.torch.PickleValue.None;
import dev.sam2j.weights.torch.PickleValue.PyDict;
import dev.sam2j.weights.torch.PickleValue.PyList;
import dev.sam2j.weights.torch.PickleValue.PyObject;
import dev.sam2j.weights.torch.PickleValue.PyTuple;
import dev.sam2j.weights.torch.PickleValue.TensorRef;
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
 * {@code pickletools}). It builds containers, strings, numbers and descriptions of tensors; {@link TorchGlobals}
 * decides which names mean something, and what other names make is an empty {@link PyObject}. Opcodes, stack, memo,
 * strings, dictionaries, tensors and nesting are bounded, so that a pickle of any content ends soon and in little
 * memory.
 */
final class Unpickler {
    private static final int MAX_OPCODES = 2_000_000;
    private static final int MAX_STACK = 100_000;
    private static final int MAX_MEMO = 200_000;
    private static final int MAX_ITEMS = 20_000;
    private static final int MAX_STRING = 1 << 20;
    private static final int MAX_GLOBAL = 256;
    private static final int MAX_DEPTH = 64;
    private static final String STRING = "builtins.str";

    private final Path path;
    private final ByteBuffer in;
    private final TorchGlobals globals;
    private final List<Object> stack = new ArrayList<>();
    private final List<Integer> marks = new ArrayList<>();
    private final Map<Integer, Object> memo = new HashMap<>();
    private int items;
    private int tensors;

    private Unpickler(TorchGlobals globals, Path path, ByteBuffer in) {
        this.path = path;
        this.in = in.order(ByteOrder.LITTLE_ENDIAN);
        this.globals = globals;
    }

    /**
     * Runs a pickle that fills {@code pickle} exactly.
     *
     * @param path the file it came from, for messages
     * @throws CheckpointException if it is malformed, exceeds a bound, or asks for anything that is not allowed
     */
    static Object load(Path path, byte[] pickle) {
        ByteBuffer in = ByteBuffer.wrap(pickle);
        Object result = next(path, in, new TorchGlobals(path));
        if (in.hasRemaining()) {
            throw new CheckpointException(path, "the pickle is damaged: it goes on after its end");
        }
        return result;
    }

    /** Runs the pickle at the buffer's position, which is behind it afterwards. */
    static Object next(Path path, ByteBuffer in, TorchGlobals globals) {
        return new Unpickler(globals, path, in).run();
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
        if (!stack.isEmpty()) {
            throw damaged("it leaves values behind");
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
            case 0x8b -> push(integer(in.getInt() & 0xffffffffL));
            case 'G' -> push(Double.longBitsToDouble(Long.reverseBytes(in.getLong())));
            case 'X', 'T' -> push(string(in.getInt() & 0xffffffffL));
            case 0x8c, 'U' -> push(string(in.get() & 0xff));
            case 0x8d -> push(string(in.getLong()));
            case 'B' -> push(bytes(in.getInt() & 0xffffffffL));
            case 'C' -> push(bytes(in.get() & 0xff));
            case 0x8e, 0x96 -> push(bytes(in.getLong()));
            case ')' -> push(new PyTuple(List.of()));
            case 0x85 -> push(tuple(popAll(1)));
            case 0x86 -> push(tuple(popAll(2)));
            case 0x87 -> push(tuple(popAll(3)));
            case 't' -> push(tuple(popToMark()));
            case ']' -> push(new PyList());
            case '}' -> push(new PyDict());
            case 0x8f -> push(new PyObject("builtins.set"));
            case 0x91 -> frozenSet();
            case 'a' -> append(popAll(1));
            case 'e', 0x90 -> append(popToMark());
            case 's' -> setItems(popAll(2));
            case 'u' -> setItems(popToMark());
            case 'c' -> push(globals.find(line(), line()));
            case 0x93 -> stackGlobal();
            case 'R', 0x81 -> call(popAll(2));
            case 0x92 -> call(popAll(3));
            case 'b' -> build();
            case '0' -> pop();
            case '1' -> popToMark();
            case '2' -> push(peek());
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
        if (peek() instanceof PyObject) {
            return;
        }
        if (!(peek() instanceof PyList list)) {
            throw damaged("it appends to something that is not a list");
        }
        items.forEach(list::add);
        bounded(list);
    }

    private void frozenSet() {
        popToMark();
        push(new PyObject("builtins.frozenset"));
    }

    private void setItems(List<Object> pairs) {
        if (!(peek() instanceof PyDict dict) || pairs.size() % 2 != 0) {
            throw damaged("it sets items of something that is not a dictionary");
        }
        for (int i = 0; i < pairs.size(); i += 2) {
            if (pairs.get(i) instanceof String key) {
                if (!dict.put(key, pairs.get(i + 1))) {
                    throw damaged("a dictionary has the key " + PrintableText.shortened(key) + " twice");
                }
                if (++items > MAX_ITEMS) {
                    throw damaged("its dictionaries have more than " + MAX_ITEMS + " items");
                }
            }
        }
        bounded(dict);
    }

    private void stackGlobal() {
        List<Object> names = popAll(2);
        if (!(names.get(0) instanceof String module) || !(names.get(1) instanceof String name)) {
            throw damaged("the name of a global is not a string");
        }
        if (Math.max(module.length(), name.length()) > MAX_GLOBAL) {
            throw damaged("the name of a global is longer than " + MAX_GLOBAL + " characters");
        }
        push(globals.find(module, name));
    }

    /** A callable or class and its arguments; a third value, arguments by name, is given to classes only. */
    private void call(List<Object> call) {
        Object made = globals.call(call.get(0), call.get(1));
        if (made instanceof TensorRef && ++tensors > MAX_ITEMS) {
            throw damaged("it makes more than " + MAX_ITEMS + " tensors");
        }
        push(made);
    }

    /** {@code BUILD} sets attributes, which are not needed: a state dictionary's {@code _metadata}, for example. */
    private void build() {
        pop();
        if (!(peek() instanceof PyDict || peek() instanceof TensorRef)) {
            throw damaged("it sets attributes of something that has none");
        }
    }

    private void memoize(int index) {
        memo.put(index, peek());
        if (memo.size() > MAX_MEMO) {
            throw damaged("its memo grows beyond " + MAX_MEMO + " values");
        }
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

    /** An integer, little-endian; one that is longer than 8 bytes counts nothing here. */
    private Object integer(long length) {
        if (length > Long.BYTES) {
            skip(length);
            return new PyObject("builtins.int");
        }
        long value = 0;
        for (int i = 0; i < length; i++) {
            value |= (in.get() & 0xffL) << 8 * i;
        }
        int unused = length == 0 ? 0 : Long.SIZE - 8 * (int) length;
        return value << unused >> unused;
    }

    private PyObject bytes(long length) {
        skip(length);
        return new PyObject("builtins.bytes");
    }

    private void skip(long length) {
        if (length < 0 || length > in.remaining()) {
            throw new BufferUnderflowException();
        }
        in.position(in.position() + (int) length);
    }

    /** A text; one that is very long or has half characters, which Python allows, counts nothing here. */
    private Object string(long length) {
        int start = in.position();
        skip(length);
        if (length > MAX_STRING) {
            return new PyObject(STRING);
        }
        ByteBuffer bytes = in.slice(start, (int) length);
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
        } catch (CharacterCodingException e) {
            return new PyObject(STRING);
        }
    }

    private String line() {
        StringBuilder text = new StringBuilder();
        for (byte next = in.get(); next != '\n'; next = in.get()) {
            text.append((char) (next & 0xff));
            if (text.length() > MAX_GLOBAL) {
                throw damaged("the name of a global is longer than " + MAX_GLOBAL + " characters");
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
