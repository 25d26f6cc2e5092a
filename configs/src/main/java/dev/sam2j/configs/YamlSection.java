package dev.sam2j.configs;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * Typed reading of one YAML mapping. Values are asked for by key; {@link #build} then refuses the keys nobody asked
 * for. Every failure is a {@link ConfigException} with file, line and key path.
 */
final class YamlSection {

    private static final Pattern INTEGER = Pattern.compile("[-+]?(0|[1-9][0-9]{0,9})");
    private static final Pattern NUMBER =
            Pattern.compile("[-+]?([0-9]{1,40}(\\.[0-9]{0,40})?|\\.[0-9]{1,40})([eE][-+]?[0-9]{1,4})?");
    private static final Set<String> TRUE = Set.of("true", "yes", "on");
    private static final int MAX_LIST = 1024;

    private final String source;
    private final String path;
    private final int line;
    private final Map<String, NodeTuple> entries = new LinkedHashMap<>();
    private final Set<String> asked = new TreeSet<>();
    private ConfigException missing;

    private YamlSection(String source, String path, Node node) {
        this.source = source;
        this.path = path;
        this.line = YamlDocument.line(node);
        if (!(node instanceof MappingNode mapping)) {
            throw new ConfigException(source, line, path, "expected keys and values, got " + describe(node));
        }
        for (NodeTuple entry : mapping.getValue()) {
            addEntry(entry);
        }
    }

    private void addEntry(NodeTuple entry) {
        Node keyNode = entry.getKeyNode();
        if (!(keyNode instanceof ScalarNode scalar)) {
            throw new ConfigException(source, YamlDocument.line(keyNode), path, "a key must be a plain word");
        }
        String key = scalar.getValue();
        String shown = YamlDocument.excerpt(key);
        if (keyNode.getTag().equals(Tag.MERGE)) {
            throw new ConfigException(source, YamlDocument.line(keyNode), join(shown), "merge keys are not supported");
        }
        NodeTuple first = entries.putIfAbsent(key, entry);
        if (first != null) {
            throw new ConfigException(
                    source,
                    YamlDocument.line(keyNode),
                    join(shown),
                    "given twice, first on line " + YamlDocument.line(first.getKeyNode()));
        }
    }

    /** Returns the top level of a document. */
    static YamlSection root(Node node, String source) {
        return new YamlSection(source, "", node);
    }

    /** Returns the mapping under a key that must be there. */
    YamlSection section(String key) {
        Node node = value(key);
        if (node == null) {
            throw missing(key);
        }
        return new YamlSection(source, join(key), node);
    }

    /** Returns the mapping under a key, or null if the key is absent or null. */
    YamlSection optionalSection(String key) {
        return isNull(key) ? null : section(key);
    }

    /** Refuses a {@code _target_} that names none of these classes; package names are not compared. */
    void target(String... classNames) {
        if (value("_target_") == null) {
            return;
        }
        String target = word("_target_", null);
        String simpleName = target.substring(target.lastIndexOf('.') + 1);
        if (!List.of(classNames).contains(simpleName)) {
            throw fault("_target_", "expected " + String.join(" or ", classNames) + ", got " + target);
        }
    }

    /** Accepts a number of any value that changes nothing at inference. */
    void unused(String... keys) {
        for (String key : keys) {
            number(key, 0.0);
        }
    }

    int integer(String key, Integer defaultValue) {
        Node node = value(key);
        return node == null ? absent(key, defaultValue, 0) : integer(key, node);
    }

    double number(String key, Double defaultValue) {
        Node node = value(key);
        if (node == null) {
            return absent(key, defaultValue, 0.0);
        }
        if (!isPlain(node) || !NUMBER.matcher(text(node)).matches()) {
            throw mistyped(key, node, "a number");
        }
        return Double.parseDouble(text(node));
    }

    boolean flag(String key, Boolean defaultValue) {
        Node node = value(key);
        if (node == null) {
            return absent(key, defaultValue, false);
        }
        if (!isPlain(node) || !node.getTag().equals(Tag.BOOL)) {
            throw mistyped(key, node, "true or false");
        }
        return TRUE.contains(text(node).toLowerCase(Locale.ROOT));
    }

    String word(String key, String defaultValue) {
        Node node = value(key);
        if (node == null) {
            return absent(key, defaultValue, "");
        }
        if (!(node instanceof ScalarNode) || !node.getTag().equals(Tag.STR)) {
            throw mistyped(key, node, "a word");
        }
        return YamlDocument.excerpt(text(node));
    }

    List<Integer> integers(String key, List<Integer> defaultValue) {
        Node node = value(key);
        if (node == null) {
            return absent(key, defaultValue, List.of());
        }
        if (!(node instanceof SequenceNode sequence) || sequence.getValue().size() > MAX_LIST) {
            throw mistyped(key, node, "a list of at most " + MAX_LIST + " whole numbers");
        }
        List<Integer> values = new ArrayList<>();
        for (Node element : sequence.getValue()) {
            values.add(integer(key, element));
        }
        return values;
    }

    /** Returns whether the key is absent or its value is null; marks the key as known. */
    boolean isNull(String key) {
        Node node = value(key);
        return node == null || node.getTag().equals(Tag.NULL);
    }

    /** Returns an exception for the value of this key, which may be dotted and reach into deeper sections. */
    ConfigException fault(String key, String problem) {
        String[] steps = key.split("\\.");
        Map<String, NodeTuple> level = entries;
        int at = line;
        boolean present = true;
        for (int i = 0; i < steps.length && present; i++) {
            NodeTuple entry = level.get(steps[i]);
            present = entry != null;
            if (present) {
                at = YamlDocument.line(entry.getKeyNode());
                level = i + 1 < steps.length ? entriesOf(entry.getValueNode()) : Map.of();
            }
        }
        String note = present ? "" : " (the key is missing, this is its default)";
        return new ConfigException(source, at, join(key), problem + note);
    }

    private Map<String, NodeTuple> entriesOf(Node node) {
        return node instanceof MappingNode ? new YamlSection(source, path, node).entries : Map.of();
    }

    /**
     * Makes a record, and refuses unknown and missing keys; the record's objections get the line of the key they name.
     *
     * @param record asks for all values, then makes the record
     */
    <T> T build(Supplier<T> record) {
        T made;
        try {
            made = record.get();
        } catch (ConfigException e) {
            throw e;
        } catch (RuntimeException e) {
            finish(); // a record that misses values objects to what stands for them
            throw e instanceof InvalidSettingException setting ? fault(setting.key(), setting.problem()) : e;
        }
        finish();
        return made;
    }

    private void finish() {
        for (Map.Entry<String, NodeTuple> entry : entries.entrySet()) {
            if (!asked.contains(entry.getKey())) {
                throw new ConfigException(
                        source,
                        YamlDocument.line(entry.getValue().getKeyNode()),
                        join(YamlDocument.excerpt(entry.getKey())),
                        "unknown key, known here: " + String.join(", ", asked));
            }
        }
        if (missing != null) {
            throw missing;
        }
    }

    private Node value(String key) {
        asked.add(key);
        NodeTuple entry = entries.get(key);
        return entry == null ? null : entry.getValueNode();
    }

    // A misspelt key is both unknown and missing: the unknown one is the better message, so this one waits.
    private <T> T absent(String key, T defaultValue, T placeholder) {
        if (defaultValue != null) {
            return defaultValue;
        }
        if (missing == null) {
            missing = missing(key);
        }
        return placeholder;
    }

    private ConfigException missing(String key) {
        return new ConfigException(source, line, join(key), "missing");
    }

    private int integer(String key, Node node) {
        if (isPlain(node) && INTEGER.matcher(text(node)).matches()) {
            long value = Long.parseLong(text(node));
            if (value == (int) value) {
                return (int) value;
            }
        }
        throw mistyped(key, node, "a whole number");
    }

    private ConfigException mistyped(String key, Node node, String expected) {
        return new ConfigException(
                source, YamlDocument.line(node), join(key), "expected " + expected + ", got " + describe(node));
    }

    private static boolean isPlain(Node node) {
        return node instanceof ScalarNode scalar && scalar.isPlain();
    }

    private static String text(Node node) {
        return ((ScalarNode) node).getValue();
    }

    private static String describe(Node node) {
        if (node instanceof ScalarNode scalar) {
            String text = "'" + YamlDocument.excerpt(scalar.getValue()) + "'";
            return node.getTag().equals(Tag.NULL) ? "nothing" : (scalar.isPlain() ? "" : "the quoted text ") + text;
        }
        return node instanceof SequenceNode ? "a list" : "a section";
    }

    private String join(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }
}
