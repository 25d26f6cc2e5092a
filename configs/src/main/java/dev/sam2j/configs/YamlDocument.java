package dev.sam2j.configs;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.composer.Composer;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.parser.ParserImpl;
import org.yaml.snakeyaml.reader.StreamReader;
import org.yaml.snakeyaml.resolver.Resolver;

/**
 * Untrusted YAML text turned into a node tree, never into objects: no constructor runs, whatever the tags say. Size,
 * depth and the number of aliases are bounded, and aliases are shared nodes, so nothing is multiplied out.
 */
final class YamlDocument {

    static final int MAX_BYTES = 256 * 1024;
    private static final int MAX_DEPTH = 32;
    private static final int MAX_ALIASES = 50;
    /** Control and formatting characters, halves of surrogate pairs, and ends of lines. */
    private static final Pattern UNPRINTABLE = Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}]+");

    private static final Set<Tag> PLAIN_TAGS = Set.of(
            Tag.MAP,
            Tag.SEQ,
            Tag.STR,
            Tag.INT,
            Tag.FLOAT,
            Tag.BOOL,
            Tag.NULL,
            Tag.TIMESTAMP,
            Tag.MERGE,
            new Tag(Tag.PREFIX + "value"));

    private YamlDocument() {}

    /**
     * Parses one document.
     *
     * @param bytes UTF-8 text, with or without a byte order mark
     * @param source name used in messages
     * @return the top-level node
     * @throws ConfigException if the text is too large, not UTF-8, not YAML, empty, several documents, too deep, or
     *         holds a tag other than those of plain data
     */
    static Node parse(byte[] bytes, String source) {
        if (bytes.length > MAX_BYTES) {
            throw new ConfigException(source, 0, "", "larger than " + MAX_BYTES + " bytes, not a model configuration");
        }
        String text = decode(bytes, source);
        LoaderOptions options = new LoaderOptions();
        options.setCodePointLimit(MAX_BYTES);
        options.setNestingDepthLimit(MAX_DEPTH);
        options.setMaxAliasesForCollections(MAX_ALIASES);
        options.setProcessComments(false);
        options.setTagInspector(tag -> true); // refuseTags is stricter and runs before anything looks at a value
        Node root;
        try {
            root = new Composer(new ParserImpl(new StreamReader(text), options), new Resolver(), options)
                    .getSingleNode();
        } catch (MarkedYAMLException e) {
            Mark mark = e.getProblemMark() != null ? e.getProblemMark() : e.getContextMark();
            throw new ConfigException(
                    source, mark == null ? 0 : mark.getLine() + 1, "", "not valid YAML: " + oneLine(e.getProblem()));
        } catch (YAMLException e) {
            throw new ConfigException(source, 0, "", "not valid YAML: " + oneLine(e.getMessage()));
        }
        if (root == null) {
            throw new ConfigException(source, 0, "", "the file is empty");
        }
        refuseTags(root, source, Collections.newSetFromMap(new IdentityHashMap<>()));
        return root;
    }

    private static String decode(byte[] bytes, String source) {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            return text.startsWith("\uFEFF") ? text.substring(1) : text;
        } catch (CharacterCodingException e) {
            throw new ConfigException(source, 0, "", "not UTF-8 text");
        }
    }

    // The depth limit of the composer bounds this recursion; the set ends it at aliases that contain themselves.
    private static void refuseTags(Node node, String source, Set<Node> seen) {
        if (!seen.add(node)) {
            return;
        }
        if (!PLAIN_TAGS.contains(node.getTag())) {
            throw new ConfigException(
                    source,
                    line(node),
                    "",
                    "tag " + excerpt(node.getTag().getValue()) + " is not allowed, only plain values are");
        }
        if (node instanceof SequenceNode sequence) {
            sequence.getValue().forEach(child -> refuseTags(child, source, seen));
        } else if (node instanceof MappingNode mapping) {
            for (NodeTuple entry : mapping.getValue()) {
                refuseTags(entry.getKeyNode(), source, seen);
                refuseTags(entry.getValueNode(), source, seen);
            }
        }
    }

    static int line(Node node) {
        return node.getStartMark() == null ? 0 : node.getStartMark().getLine() + 1;
    }

    /** Shortens foreign text for a message and drops what is not printable. */
    static String excerpt(String text) {
        return oneLine(text, 60);
    }

    private static String oneLine(String text) {
        return text == null ? "unknown fault" : oneLine(text.strip(), 200);
    }

    private static String oneLine(String text, int length) {
        String shown = text.length() <= length ? text : text.substring(0, length - 3) + "...";
        return UNPRINTABLE.matcher(shown).replaceAll(" ");
    }
}
