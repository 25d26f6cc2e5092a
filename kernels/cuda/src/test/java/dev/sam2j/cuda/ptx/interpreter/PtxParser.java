package dev.sam2j.cuda.ptx.interpreter;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Parser of the PTX subset that this project writes: entries without nested scopes, device functions or {@code .const}
 * data. Statements end with a semicolon; a label may precede an instruction.
 */
final class PtxParser {
    private static final Pattern ENTRY = Pattern.compile("\\.visible\\s+\\.entry\\s+(\\w+)\\s*\\(([^)]*)\\)");
    private static final Pattern PARAMETER = Pattern.compile("\\.param\\s+\\.(\\w+)\\s+(\\w+)");
    private static final Pattern EXTERN_SHARED =
            Pattern.compile("\\.extern\\s+\\.shared\\s+\\.align\\s+(\\d+)\\s+\\.b8\\s+(\\w+)\\[\\]");
    private static final Pattern VARIABLE =
            Pattern.compile("\\.(shared|local)\\s+(?:\\.align\\s+(\\d+)\\s+)?\\.(\\w+)\\s+(\\w+)(?:\\[(\\d+)\\])?");
    private static final Pattern LABEL = Pattern.compile("^\\s*([$\\w]+)\\s*:");
    private static final int DYNAMIC_ALIGNMENT = 128;

    private final String source;
    private final Map<String, KernelCode> kernels = new LinkedHashMap<>();
    private String version;
    private String target;
    private String dynamicShared;

    PtxParser(String source) {
        this.source = withoutComments(source);
    }

    PtxModule parse() {
        version = directive("\\.version\\s+(\\S+)");
        target = directive("\\.target\\s+(\\w+)");
        if (!directive("\\.address_size\\s+(\\d+)").equals("64")) {
            throw new PtxException("the address size must be 64");
        }
        Matcher extern = EXTERN_SHARED.matcher(source);
        if (extern.find()) {
            dynamicShared = extern.group(2);
        }
        Matcher entry = ENTRY.matcher(source);
        while (entry.find()) {
            int open = source.indexOf('{', entry.end());
            int close = matchingBrace(open);
            kernels.put(entry.group(1), parseEntry(entry.group(1), entry.group(2), open + 1, close));
        }
        return new PtxModule(version, target, kernels);
    }

    private String directive(String pattern) {
        Matcher matcher = Pattern.compile(pattern).matcher(source);
        if (!matcher.find()) {
            throw new PtxException("missing directive " + pattern);
        }
        return matcher.group(1);
    }

    /** Replaces comments by blanks, so that line numbers stay. */
    private static String withoutComments(String text) {
        Matcher matcher =
                Pattern.compile("//[^\n]*|/\\*.*?\\*/", Pattern.DOTALL).matcher(text);
        return matcher.replaceAll(found -> found.group().replaceAll("[^\n]", " "));
    }

    private int matchingBrace(int open) {
        int depth = 0;
        for (int i = open; i < source.length(); i++) {
            depth += source.charAt(i) == '{' ? 1 : source.charAt(i) == '}' ? -1 : 0;
            if (depth == 0) {
                return i;
            }
        }
        throw new PtxException("unbalanced braces");
    }

    private KernelCode parseEntry(String name, String parameterText, int from, int to) {
        Scope scope = new Scope();
        List<KernelCode.Parameter> parameters = new ArrayList<>();
        int offset = 0;
        Matcher matcher = PARAMETER.matcher(parameterText);
        while (matcher.find()) {
            int bytes = Types.bytes(matcher.group(1));
            offset = align(offset, bytes);
            parameters.add(new KernelCode.Parameter(matcher.group(1), matcher.group(2), offset));
            scope.symbols.put(matcher.group(2), (long) offset);
            offset += bytes;
        }
        List<Statement> statements = declare(statements(from, to), scope);
        if (dynamicShared != null) {
            scope.symbols.put(dynamicShared, (long) align(scope.sharedBytes, DYNAMIC_ALIGNMENT));
        }
        List<Instruction> code = new ArrayList<>();
        for (Statement statement : statements) {
            code.add(instruction(statement, scope));
        }
        return new KernelCode(
                name,
                parameters,
                scope.sharedBytes,
                scope.localBytes,
                scope.count,
                scope.constants,
                scope.specials,
                code,
                Decoder.decode(code));
    }

    private record Statement(int line, String text) {}

    private List<Statement> statements(int from, int to) {
        List<Statement> statements = new ArrayList<>();
        int line = 1
                + (int) source.substring(0, from).chars().filter(c -> c == '\n').count();
        StringBuilder text = new StringBuilder();
        int start = line;
        for (int i = from; i < to; i++) {
            char c = source.charAt(i);
            line += c == '\n' ? 1 : 0;
            if (c == ';') {
                statements.add(new Statement(start, text.toString().strip()));
                text.setLength(0);
            } else if (text.length() > 0 || !Character.isWhitespace(c)) {
                start = text.length() == 0 ? line : start;
                text.append(c);
            }
        }
        if (!text.toString().isBlank()) {
            throw new PtxException("line " + start + ": statement without a semicolon: "
                    + text.toString().strip());
        }
        return statements;
    }

    /** Takes declarations and labels out and returns the instructions. */
    private List<Statement> declare(List<Statement> statements, Scope scope) {
        List<Statement> instructions = new ArrayList<>();
        for (Statement statement : statements) {
            String text = statement.text;
            for (Matcher label = LABEL.matcher(text); label.find(); label = LABEL.matcher(text)) {
                scope.labels.put(label.group(1), instructions.size());
                text = text.substring(label.end()).strip();
            }
            if (text.startsWith(".reg")) {
                scope.declareRegisters(text);
            } else if (text.startsWith(".shared") || text.startsWith(".local")) {
                scope.declareVariable(text, statement.line);
            } else if (text.startsWith(".")) {
                throw new PtxException("line " + statement.line + ": unsupported directive: " + text);
            } else if (!text.isEmpty()) {
                instructions.add(new Statement(statement.line, text));
            }
        }
        return instructions;
    }

    private static Instruction instruction(Statement statement, Scope scope) {
        String text = statement.text.replaceAll("\\s+", " ");
        String rest = text;
        int guard = -1;
        boolean negated = false;
        if (rest.startsWith("@")) {
            int space = rest.indexOf(' ');
            negated = rest.charAt(1) == '!';
            guard = scope.register(rest.substring(negated ? 2 : 1, space), statement.line);
            rest = rest.substring(space + 1);
        }
        int space = rest.indexOf(' ');
        String opcode = space < 0 ? rest : rest.substring(0, space);
        List<Operand> operands = new ArrayList<>();
        if (space >= 0) {
            for (String operand : rest.substring(space + 1).split(",(?![^{\\[]*[}\\]])")) {
                operands.add(scope.operand(operand.strip(), opcode, statement.line));
            }
        }
        return new Instruction(statement.line, text, guard, negated, opcode, operands);
    }

    private static int align(int offset, int alignment) {
        return (offset + alignment - 1) / alignment * alignment;
    }

    /** Names of one entry. */
    private static final class Scope {
        private final Map<String, Integer> registers = new HashMap<>();
        private final Map<String, Integer> specials = new LinkedHashMap<>();
        private final Map<Integer, Long> constants = new LinkedHashMap<>();
        private final Map<Long, Integer> constantRegisters = new HashMap<>();
        private final Map<String, Long> symbols = new HashMap<>();
        private final Map<String, Integer> labels = new HashMap<>();
        private int count;
        private int sharedBytes;
        private int localBytes;

        void declareRegisters(String text) {
            String[] parts = text.split("\\s+", 3);
            for (String name : parts[2].split(",")) {
                Matcher range = Pattern.compile("(%?\\w+)<(\\d+)>").matcher(name.strip());
                if (range.matches()) {
                    for (int i = 0; i < Integer.parseInt(range.group(2)); i++) {
                        registers.put(range.group(1) + i, count++);
                    }
                } else {
                    registers.put(name.strip(), count++);
                }
            }
        }

        void declareVariable(String text, int line) {
            Matcher matcher = VARIABLE.matcher(text);
            if (!matcher.matches()) {
                throw new PtxException("line " + line + ": unsupported declaration: " + text);
            }
            int bytes = Types.bytes(matcher.group(3));
            int alignment = matcher.group(2) == null ? bytes : Integer.parseInt(matcher.group(2));
            int size = bytes * (matcher.group(5) == null ? 1 : Integer.parseInt(matcher.group(5)));
            boolean shared = matcher.group(1).equals("shared");
            int offset = align(shared ? sharedBytes : localBytes, alignment);
            symbols.put(matcher.group(4), (long) offset);
            if (shared) {
                sharedBytes = offset + size;
            } else {
                localBytes = offset + size;
            }
        }

        int register(String name, int line) {
            Integer index = registers.get(name);
            if (index == null && name.matches("%(tid|ntid|ctaid|nctaid)\\.[xyz]|%laneid|%warpid")) {
                index = specials.computeIfAbsent(name, missing -> count++);
            }
            if (index == null) {
                throw new PtxException("line " + line + ": unknown register " + name);
            }
            return index;
        }

        int constant(long value) {
            return constantRegisters.computeIfAbsent(value, missing -> {
                constants.put(count, value);
                return count++;
            });
        }

        Operand operand(String text, String opcode, int line) {
            if (text.startsWith("[")) {
                return address(text.substring(1, text.length() - 1).strip(), line);
            }
            if (text.startsWith("{")) {
                List<Integer> list = new ArrayList<>();
                for (String name : text.substring(1, text.length() - 1).split(",")) {
                    list.add(value(name.strip(), opcode, line));
                }
                return new Operand.Vector(list);
            }
            if (opcode.startsWith("bra")) {
                Integer target = labels.get(text);
                if (target == null) {
                    throw new PtxException("line " + line + ": unknown label " + text);
                }
                return new Operand.Target(target);
            }
            return new Operand.Register(value(text, opcode, line));
        }

        private Operand address(String text, int line) {
            int sign = Math.max(text.indexOf('+'), text.indexOf('-', 1));
            String name = sign < 0 ? text : text.substring(0, sign).strip();
            String offset = sign < 0 ? "0" : text.substring(sign).replaceAll("[\\s+]", "");
            Long symbol = symbols.get(name);
            int base = symbol != null ? constant(symbol) : register(name, line);
            return new Operand.Address(base, Integer.decode(offset));
        }

        private int value(String text, String opcode, int line) {
            Long symbol = symbols.get(text);
            if (symbol != null) {
                return constant(symbol);
            }
            if (text.startsWith("0f") || text.startsWith("0F")) {
                return constant(Long.parseLong(text.substring(2), 16));
            }
            if (text.matches("-?\\d+\\.\\d*(e-?\\d+)?")) {
                if (!opcode.endsWith("f32")) {
                    throw new PtxException("line " + line + ": decimal immediate in " + opcode);
                }
                return constant(Float.floatToRawIntBits(Float.parseFloat(text)) & 0xffffffffL);
            }
            if (text.matches("-?(0x[0-9a-fA-F]+|\\d+)")) {
                return constant(Long.decode(text));
            }
            return register(text, line);
        }
    }
}
