package dev.sam2j.cuda.ptx;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Writes one PTX entry. Methods named after a register class ({@code i} 32-bit, {@code l} 64-bit, {@code f} float32,
 * {@code p} predicate) write an instruction into a fresh register and return its name; {@link #op} writes one as given.
 */
public final class PtxWriter {
    public static final int WARP = 32;
    /** Oldest target of the kernels; such kernels run on all newer devices. */
    static final String AMPERE = "sm_80";
    /** Hopper with what no later architecture has (wgmma): runs on compute capability 9.0 alone. */
    public static final String HOPPER = "sm_90a";

    public static final String ALL_LANES = "0xffffffff";

    private final String entry;
    private final int threads;
    private final String target;
    private final StringBuilder header = new StringBuilder();
    private final StringBuilder body = new StringBuilder();
    private final List<PtxKernel.Parameter> parameters = new ArrayList<>();
    private final int[] counts = new int[5];
    private int labels;
    private int sharedBytes;
    private int sharedAlignment = 128;
    private int blocks;
    private String guard = "";

    /** A kernel for Ampere and all later devices. */
    public PtxWriter(String entry, int threads, String description) {
        this(entry, threads, AMPERE, description);
    }

    /** A kernel of blocks of {@code threads}; the description becomes its first lines, as comments. */
    public PtxWriter(String entry, int threads, String target, String description) {
        this.target = target;
        this.entry = entry;
        this.threads = threads;
        description.lines().forEach(line -> header.append("// ").append(line).append('\n'));
    }

    /** A float32 immediate, exact. */
    public static String constant(float value) {
        return String.format(Locale.ROOT, "0f%08X", Float.floatToRawIntBits(value));
    }

    /** Registers as one operand. */
    public static String list(String... registers) {
        return "{" + String.join(", ", registers) + "}";
    }

    /** All registers of fragments as one operand. */
    public static String list(String[][] fragments) {
        return list(Stream.of(fragments).flatMap(Stream::of).toArray(String[]::new));
    }

    /** Declares a parameter that is a device address and loads it. */
    public String pointer(String name) {
        return parameter(PtxKernel.Type.POINTER, name, 'l');
    }

    /** Declares a 32-bit integer parameter and loads it. */
    public String integer(String name) {
        return parameter(PtxKernel.Type.INT, name, 'i');
    }

    /** Declares a float32 parameter and loads it. */
    public String real(String name) {
        return parameter(PtxKernel.Type.FLOAT, name, 'f');
    }

    private String parameter(PtxKernel.Type type, String name, char kind) {
        parameters.add(new PtxKernel.Parameter(type, name));
        String register = fresh(kind);
        op("ld.param." + type.ptx(), register, "[" + name + "]");
        return register;
    }

    /** Bounds the registers of a thread so that {@code count} blocks share a multiprocessor. */
    public void blocksPerMultiprocessor(int count) {
        blocks = count;
    }

    /** Reserves dynamic shared memory and returns its 32-bit address; at most one call. */
    public String shared(int bytes) {
        return shared(bytes, sharedAlignment);
    }

    /** {@link #shared(int)} at a multiple of {@code alignment}. */
    public String shared(int bytes, int alignment) {
        sharedBytes = bytes;
        sharedAlignment = alignment;
        return i("mov.u32", "dynamic_shared");
    }

    /** A new register of a class; {@code h} has 16 bits. */
    public String fresh(char kind) {
        int index = "ilfph".indexOf(kind);
        return String.valueOf(kind) + counts[index]++;
    }

    /** New registers of a class. */
    public String[] fresh(char kind, int count) {
        return IntStream.range(0, count).mapToObj(i -> fresh(kind)).toArray(String[]::new);
    }

    /** New float32 registers that hold 0. */
    public String[] zeros(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> f("mov.f32", constant(0)))
                .toArray(String[]::new);
    }

    /** New registers of the sums of a tensor core, four for each 8 columns. */
    public String[][] fragments(int columns) {
        return IntStream.range(0, columns / 8).mapToObj(i -> fresh('f', 4)).toArray(String[][]::new);
    }

    /** Writes an instruction whose result is a new 32-bit register. */
    public String i(String opcode, Object... arguments) {
        return into(fresh('i'), opcode, arguments);
    }

    /** Writes an instruction whose result is a new 64-bit register. */
    public String l(String opcode, Object... arguments) {
        return into(fresh('l'), opcode, arguments);
    }

    /** Writes an instruction whose result is a new float32 register. */
    public String f(String opcode, Object... arguments) {
        return into(fresh('f'), opcode, arguments);
    }

    /** Writes an instruction whose result is a new predicate. */
    public String p(String opcode, Object... arguments) {
        return into(fresh('p'), opcode, arguments);
    }

    /** Writes an instruction with the given destination and returns the destination. */
    public String into(String destination, String opcode, Object... arguments) {
        body.append("    ").append(guard).append(opcode).append(' ').append(destination);
        for (Object argument : arguments) {
            body.append(", ").append(argument);
        }
        body.append(";\n");
        return destination;
    }

    /** Writes an instruction as given. */
    public void op(String opcode, Object first, Object... others) {
        into(first.toString(), opcode, others);
    }

    /** Writes an instruction without operands. */
    public void bare(String opcode) {
        body.append("    ").append(guard).append(opcode).append(";\n");
    }

    /** Runs {@code code}; every instruction it writes is executed only where the predicate, if not null, holds. */
    public void when(String predicate, Runnable code) {
        String outer = guard;
        guard = predicate == null ? outer : "@" + predicate + " ";
        code.run();
        guard = outer;
    }

    /** {@link #when} where the predicate does not hold. */
    public void unless(String predicate, Runnable code) {
        when("!" + predicate, code);
    }

    /** Writes a comment. */
    public void comment(String text) {
        body.append("    // ").append(text).append('\n');
    }

    /** A new label. */
    public String label() {
        return "L" + labels++;
    }

    /** Puts a label here. */
    public void place(String label) {
        body.append(label).append(":\n");
    }

    /** Writes a jump. */
    public void jump(String label) {
        op("bra", label);
    }

    /** Writes a jump of the threads where the predicate holds. */
    public void jumpIf(String predicate, String label) {
        when(predicate, () -> op("bra", label));
    }

    /** Writes a jump of the threads where the predicate does not hold. */
    public void jumpUnless(String predicate, String label) {
        when("!" + predicate, () -> op("bra", label));
    }

    /** {@code for (counter = from; counter < to; counter += step)}; the counter is a fresh register. */
    public void loop(Object from, Object to, Object step, java.util.function.Consumer<String> code) {
        String counter = i("mov.u32", from);
        String head = label();
        String end = label();
        place(head);
        jumpIf(p("setp.ge.s32", counter, to), end);
        code.accept(counter);
        op("add.s32", counter, counter, step);
        jump(head);
        place(end);
    }

    /** Executes {@code code} if the pointer is not 0. */
    public void ifPresent(String pointer, Runnable code) {
        String end = label();
        jumpIf(p("setp.eq.u64", pointer, 0), end);
        code.run();
        place(end);
    }

    /** Index of the thread in the whole grid along x. */
    public String globalThread() {
        return i("mad.lo.s32", i("mov.u32", "%ctaid.x"), threads, i("mov.u32", "%tid.x"));
    }

    /** Ends the threads whose index is not below {@code limit}. */
    public void exitFrom(String index, String limit) {
        String predicate = p("setp.ge.s32", index, limit);
        when(predicate, () -> bare("ret"));
    }

    /** {@code base + index * bytes}, the index unsigned. */
    public String address(String base, Object index, int bytes) {
        return l("mad.wide.u32", index, bytes, base);
    }

    /** {@code base + (row * stride + column) * bytes} without overflow in 32 bits. */
    public String address(String base, String row, String stride, Object column, int bytes) {
        String start = l("mul.wide.u32", row, stride);
        String element = l("add.s64", start, l("mul.wide.u32", column, 1));
        return l("mad.lo.s64", element, bytes, base);
    }

    /** Combines the float of all lanes; every lane gets the result. */
    public void reduceWarp(String value, String opcode) {
        reduceLanes(value, opcode, WARP);
    }

    /** Combines the float of every {@code lanes} adjacent lanes, a power of two; all lanes of the warp take part. */
    public void reduceLanes(String value, String opcode, int lanes) {
        for (int distance = lanes / 2; distance > 0; distance /= 2) {
            String other = f("shfl.sync.bfly.b32", value, distance, "0x1f", ALL_LANES);
            op(opcode, value, value, other);
        }
    }

    /** The finished kernel. */
    public PtxKernel build() {
        bare("ret");
        StringBuilder text = new StringBuilder(header)
                .append(".version ")
                .append(target.equals(AMPERE) ? "7.0" : "8.0")
                .append("\n.target ")
                .append(target)
                .append("\n.address_size 64\n");
        if (sharedBytes > 0) {
            text.append(".extern .shared .align ").append(sharedAlignment).append(" .b8 dynamic_shared[];\n");
        }
        text.append(".visible .entry ").append(entry).append("(\n");
        text.append(parameters.stream()
                .map(each -> "    .param ." + each.type().ptx() + " " + each.name())
                .collect(Collectors.joining(",\n")));
        text.append("\n)\n.maxntid ").append(threads).append(", 1, 1\n");
        if (blocks > 0) {
            text.append(".minnctapersm ").append(blocks).append('\n');
        }
        text.append("{\n");
        String[] types = {".b32 i", ".b64 l", ".f32 f", ".pred p", ".b16 h"};
        for (int i = 0; i < counts.length; i++) {
            if (counts[i] > 0) {
                text.append(String.format(Locale.ROOT, "    .reg %s<%d>;\n", types[i], counts[i]));
            }
        }
        text.append(body).append("}\n");
        return new PtxKernel(entry, target, List.copyOf(parameters), threads, sharedBytes, text.toString());
    }
}
