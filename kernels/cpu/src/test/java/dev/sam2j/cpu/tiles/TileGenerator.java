package dev.sam2j.cpu.tiles;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Writes the innermost products of the Vector API, unrolled so that each sum is a local variable and with it in a
 * register: HotSpot keeps the vectors of an array in memory. {@link TileGeneratorTest} holds the classes in
 * {@code src/generated/java} to what this writes.
 *
 * <p>Templates are repeated for rows 0, 1, 2, ... of a tile: {@code @} is the row, {@code {n}} is " + row * n", {@code
 * {2 n}} is " + 2 * row * n", {@code {2+1 n}} is " + (2 * row + 1) * n", as one would write these, and {@code {first}}
 * declares a variable in row 0.
 */
final class TileGenerator {
    private static final Pattern TERM = Pattern.compile("\\{(?:(\\d)(?:\\+(\\d))? )?(\\w+)}");

    private static final String FROM_ROWS = """
                    FloatVector l@ = FloatVector.fromArray(F, from, f{fromStride});
                    FloatVector h@ = FloatVector.fromArray(F, from, f{fromStride} + L);
            """;
    private static final String STEP = """
                        l@ = x.fma(low, l@);
                        h@ = x.fma(high, h@);
            """;
    private static final String TO_ROWS = """
                    ((FloatVector) TYPE.cast(l@)).intoArray(c, c0{cStride});
                    ((FloatVector) TYPE.cast(h@)).intoArray(c, c0{cStride} + L);
            """;

    private TileGenerator() {}

    /** A generated class below {@code dev.sam2j.cpu}; {@code constants} and {@code methods} are its members. */
    record Tile(String room, String name, String doc, String constants, String methods) {
        String text() {
            return String.format(Locale.ROOT, """
                    package dev.sam2j.cpu.%s;

                    import dev.sam2j.cpu.math.Lanes;
                    import jdk.incubator.vector.FloatVector;
                    import jdk.incubator.vector.VectorSpecies;

                    /**
                    %s
                     * Written by {@code TileGenerator} in the tests.
                     */
                    final class %s {
                        private static final VectorSpecies<Float> F = Lanes.SPECIES;
                        private static final int L = Lanes.LENGTH;
                    %s
                        private %s() {}
                    %s}
                    """, room, doc.indent(1).stripTrailing(), name, constants, name, methods);
        }
    }

    static List<Tile> tiles() {
        String type = """
                    // Casts of the sums tell the compiler their exact class. It may have to guess otherwise, and where
                    // it guesses wrong every step of the loop allocates: seen on JDK 17 in one start of four.
                    private static final Class<?> TYPE = F.vectorType();
                """;
        String rowTile = type + constant("STRIDE", "GemmKernel.ROW_STRIDE");
        String sumTile = type + constant("STRIDE", "GemmKernel.SUM_STRIDE");
        String attention = type + constant("STRIDE", "Attention.STRIDE");
        return List.of(
                new Tile("products", "VectorTile12", """
                        * The product of 12 rows and one panel of two vectors: the most that 32 registers hold beside
                        * one panel row and one broadcast value. All rows are addressed by one index and constants, so
                        * that nearly every instruction is arithmetic: sums of indices take turns with it where both
                        * use the same ports.
                        *""", rows(12) + rowTile, rowTile(12)),
                new Tile("products", "VectorTile6", """
                        * The product of 6 rows and one panel of two vectors: the most that 16 registers hold, and the
                        * last rows elsewhere. See {@link VectorTile12}.
                        *""", rows(6) + rowTile, rowTile(6)),
                new Tile("products", "VectorTile4", """
                        * The product of 4 rows and one panel of two vectors: the last rows of a block. See {@link
                        * VectorTile12}.
                        *""", rows(4) + rowTile, rowTile(4)),
                new Tile(
                        "products",
                        "VectorSumTile",
                        """
                        * The product of few rows and the sum of two panels of two vectors, see {@link
                        * GemmKernel#sumTile}. Additions run on other ports than multiply-adds where both have their
                        * own, so a sum that few rows share costs little there.
                        *""",
                        rows(7) + sumTile,
                        sumTile("seven", 7, "For 32 vector registers: as many rows as a full memory has maps.")
                                + sumTile("four", 4, "The most that 16 registers hold, and the last rows elsewhere.")),
                new Tile(
                        "products",
                        "VectorColumnTile",
                        """
                        * The product of some columns of a matrix and one panel of two vectors, see {@link
                        * GemmKernel#columnTile}.
                        *""",
                        rows(8),
                        columnTile("eight", 8, "For 32 vector registers.")
                                + columnTile("four", 4, "For 16 vector registers, or where there are no more.")),
                new Tile("attention", "AttentionTile12", """
                        * {@link AttentionTiles#multiply} for 12 queries: the sums of two vectors for each fill 32
                        * registers.
                        *""", rows(12) + attention, attentionTiles(12)),
                new Tile("attention", "AttentionTile6", """
                        * {@link AttentionTiles#multiply} for 6 queries, the most that 16 registers hold.
                        *""", rows(6) + attention, attentionTiles(6)),
                new Tile(
                        "decoder",
                        "VectorRowProducts",
                        """
                        * Dot products of a few rows with four others, all at once, see {@link
                        * LowRankLoops#rowProducts}. The lanes of the sums stay apart and are added elsewhere: so many
                        * additions would keep the sums out of registers.
                        *""",
                        type + constant("MOST_BLOCKS", "1 << 16"),
                        rowProducts("fourByFour", 4, "Four rows of each, for 32 vector registers.")
                                + rowProducts(
                                        "twoByFour", 2, "Two rows of a and four of b, for 16 vector registers.")));
    }

    private static String rowTile(int rows) {
        return signature("See {@link GemmKernel#tile}.", "run", "a", "i", "panel", "p")
                + length("depth", "GemmKernel.MAX_DEPTH")
                + each(rows, FROM_ROWS)
                + loop(panelRow("panel", "p")
                        + each(rows, "            {first}x = FloatVector.broadcast(F, a[i + k{STRIDE}]);\n" + STEP))
                + each(rows, TO_ROWS)
                + "    }\n";
    }

    private static String attentionTiles(int rows) {
        String one = """
                        FloatVector l@ = FloatVector.fromArray(F, from, f{fromStride});
                """;
        return signature("A panel of two vectors; the sums start from {@code from}.", "two", "p", "i", "v", "j")
                + length("depth", "Attention.KEY_BLOCK")
                + each(rows, FROM_ROWS)
                + loop(panelRow("v", "j")
                        + each(rows, "            {first}x = FloatVector.broadcast(F, p[i + k * STRIDE{1}]);\n" + STEP))
                + each(rows, TO_ROWS)
                + "    }\n"
                + signature("A panel of one vector; the sums start from {@code from}.", "one", "p", "i", "v", "j")
                + length("depth", "Attention.KEY_BLOCK")
                + each(rows, one)
                + loop("            FloatVector low = FloatVector.fromArray(F, v, j + k * L);\n"
                        + each(rows, "            l@ = FloatVector.broadcast(F, p[i + k * STRIDE{1}]).fma(low, l@);\n"))
                + each(rows, "        ((FloatVector) TYPE.cast(l@)).intoArray(c, c0{cStride});\n")
                + "    }\n";
    }

    private static String sumTile(String name, int rows, String doc) {
        String start = "        int bias = depth * 2 * L;\n"
                + "        FloatVector l0 = FloatVector.fromArray(F, x, px + bias).add(FloatVector.fromArray(F, y, py + bias));\n"
                + "        FloatVector h0 = FloatVector.fromArray(F, x, px + bias + L).add(FloatVector.fromArray(F, y, py + bias + L));\n";
        String sums = """
                            low = low.add(FloatVector.fromArray(F, y, py + k * 2 * L));
                            high = high.add(FloatVector.fromArray(F, y, py + k * 2 * L + L));
                """;
        return "\n    /** " + doc + " */\n    static void " + name + "(\n"
                + "            float[] a, int i, float[] x, int px, float[] y, int py, int depth, float[] c, int c0,"
                + " int cStride) {\n"
                + length("depth", "STRIDE")
                + start
                + each(1, rows, "        FloatVector l@ = l0;\n        FloatVector h@ = h0;\n")
                + loop(panelRow("x", "px")
                        + sums
                        + each(
                                rows,
                                ("            {first}x = FloatVector.broadcast(F, a[i + k{STRIDE}]);\n" + STEP)
                                        .replace("x = ", "v = ")
                                        .replace("x.fma", "v.fma")))
                + each(rows, TO_ROWS)
                + "    }\n";
    }

    private static String columnTile(String name, int columns, String doc) {
        return "\n    /** " + doc + " */\n    static void " + name + "(\n"
                + "            float[] a, int at, int aStride, float[] panel, int p, int depth, float[] from, int f,"
                + " float[] c, int to) {\n"
                + each(columns, """
                                FloatVector l@ = FloatVector.fromArray(F, from, f{2 L});
                                FloatVector h@ = FloatVector.fromArray(F, from, f{2+1 L});
                        """)
                + """
                        for (int k = 0; k < depth; k++, at += aStride, p += 2 * L) {
                            FloatVector low = FloatVector.fromArray(F, panel, p);
                            FloatVector high = FloatVector.fromArray(F, panel, p + L);
                """
                + each(columns, "            {first}x = FloatVector.broadcast(F, a[at{1}]);\n" + STEP)
                + "        }\n"
                + each(columns, """
                                l@.intoArray(c, to{2 L});
                                h@.intoArray(c, to{2+1 L});
                        """)
                + "    }\n";
    }

    private static String rowProducts(String name, int rows, String doc) {
        String step = """
                            s@0 = value.fma(b0, s@0);
                            s@1 = value.fma(b1, s@1);
                            s@2 = value.fma(b2, s@2);
                            s@3 = value.fma(b3, s@3);
                """;
        return "\n    /** " + doc + " */\n    static void " + name + "(\n"
                + "            float[] a, int x, int strideA, float[] b, int y, int strideB, int blocks, float[] lanes,"
                + " int to) {\n"
                + length("blocks", "MOST_BLOCKS")
                + products(rows, "        FloatVector s# = FloatVector.fromArray(F, lanes, to{L});\n")
                + "        for (int k = 0; k < n; k++, x += strideA, y += strideB) {\n"
                + each(4, "            FloatVector b@ = FloatVector.fromArray(F, b, y{2 L});\n")
                + each(rows, "            {first}value = FloatVector.fromArray(F, a, x{2 L});\n" + step)
                + each(4, "            b@ = FloatVector.fromArray(F, b, y{2+1 L});\n")
                + each(rows, "            value = FloatVector.fromArray(F, a, x{2+1 L});\n" + step)
                + "        }\n"
                + products(rows, "        ((FloatVector) TYPE.cast(s#)).intoArray(lanes, to{L});\n")
                + "    }\n";
    }

    private static String constant(String name, String value) {
        return "    private static final int " + name + " = " + value + ";\n";
    }

    private static String rows(int rows) {
        return "    static final int ROWS = " + rows + ";\n";
    }

    /** A method with two factors, where sums start from and where they go. */
    private static String signature(String doc, String name, String a, String atA, String b, String atB) {
        List<String> parameters = List.of(
                "float[] " + a,
                "int " + atA,
                "float[] " + b,
                "int " + atB,
                "int depth",
                "float[] from",
                "int f",
                "int fromStride",
                "float[] c",
                "int c0",
                "int cStride");
        return "\n    /** " + doc + " */\n    static void " + name
                + parameters.stream().collect(Collectors.joining(",\n            ", "(\n            ", ") {\n"));
    }

    private static String length(String steps, String most) {
        return "        // Of known length: no safepoints within; positions are multiples of k: no checks. Both\n"
                + "        // would take registers from the addresses.\n"
                + "        int n = Math.min(" + steps + ", " + most + ");\n";
    }

    private static String panelRow(String panel, String at) {
        return String.format(Locale.ROOT, """
                            FloatVector low = FloatVector.fromArray(F, %s, %s + k * 2 * L);
                            FloatVector high = FloatVector.fromArray(F, %s, %s + k * 2 * L + L);
                """, panel, at, panel, at);
    }

    private static String loop(String body) {
        return "        for (int k = 0; k < n; k++) {\n" + body + "        }\n";
    }

    private static String each(int rows, String template) {
        return each(0, rows, template);
    }

    private static String each(int first, int rows, String template) {
        return IntStream.range(first, rows)
                .mapToObj(row -> TERM.matcher(template.replace("@", Integer.toString(row))
                                .replace("{first}", row == 0 ? "FloatVector " : ""))
                        .replaceAll(term -> {
                            int factor = term.group(1) == null ? 1 : Integer.parseInt(term.group(1));
                            int more = term.group(2) == null ? 0 : Integer.parseInt(term.group(2));
                            return plus(factor * row + more, term.group(3));
                        }))
                .collect(Collectors.joining());
    }

    /** A template for each pair of a row and one of four others, {@code #}. */
    private static String products(int rows, String template) {
        return IntStream.range(0, 4 * rows)
                .mapToObj(i -> template.replace("#", i / 4 + "" + i % 4).replace("{L}", plus(i, "L")))
                .collect(Collectors.joining());
    }

    private static String plus(int times, String term) {
        if (times == 0) {
            return "";
        }
        if (term.equals("1")) {
            return " + " + times;
        }
        return " + " + (times == 1 ? "" : times + " * ") + term;
    }
}
