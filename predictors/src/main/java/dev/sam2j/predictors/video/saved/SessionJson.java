package dev.sam2j.predictors.video.saved;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.sam2j.predictors.mask.coco.RecordJson;
import dev.sam2j.predictors.video.VideoOptions;
import dev.sam2j.predictors.video.saved.SessionRecord.SavedClicks;
import dev.sam2j.predictors.video.saved.SessionRecord.SavedObject;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** A {@link SessionRecord} as JSON. Reading takes exactly what is written, and what earlier versions wrote. */
final class SessionJson {
    private static final JsonFactory FACTORY = new JsonFactory();

    private static final List<Field<SavedClicks>> CLICKS = List.of(
            new Field<>("frame", SessionJson::integer, SavedClicks::frame),
            new Field<>("labels", SessionJson::integers, SavedClicks::labels));

    private static final List<Field<SavedObject>> OBJECT = List.of(
            new Field<>("id", SessionJson::number, SavedObject::id),
            new Field<>("clicks", json -> list(json, SessionJson::clicks), object -> all(CLICKS, object.clicks())),
            new Field<>("masks", SessionJson::integers, SavedObject::masks),
            new Field<>("trackedForward", SessionJson::integers, SavedObject::trackedForward),
            new Field<>("trackedBackward", SessionJson::integers, SavedObject::trackedBackward),
            new Field<>("prompted", SessionJson::integers, SavedObject::prompted),
            new Field<>("tracked", SessionJson::integers, SavedObject::tracked),
            new Field<>("pendingPrompted", SessionJson::integers, SavedObject::pendingPrompted),
            new Field<>("pendingTracked", SessionJson::integers, SavedObject::pendingTracked));

    /** The threshold is text, which keeps it exact. */
    private static final List<Field<VideoOptions>> OPTIONS = List.of(
            new Field<>("nonOverlappingMasks", JsonParser::getBooleanValue, VideoOptions::nonOverlappingMasks),
            new Field<>("fillHoleArea", SessionJson::integer, VideoOptions::fillHoleArea),
            new Field<>("keepCorrections", JsonParser::getBooleanValue, VideoOptions::keepCorrections),
            new Field<>(
                    "clearMemoryAroundPrompts", JsonParser::getBooleanValue, VideoOptions::clearMemoryAroundPrompts),
            new Field<>("streaming", JsonParser::getBooleanValue, VideoOptions::streaming),
            new Field<>("maskThreshold", SessionJson::text, options -> Float.toString(options.maskThreshold())),
            new Field<>("logits", JsonParser::getBooleanValue, VideoOptions::logits));

    /** Version 1 also had the ids of removed objects, which could not be used again. */
    private static final List<Field<SessionRecord>> SESSION = List.of(
            new Field<>("model", SessionJson::text, SessionRecord::model),
            new Field<>("frames", SessionJson::integer, SessionRecord::frames),
            new Field<>("width", SessionJson::integer, SessionRecord::width),
            new Field<>("height", SessionJson::integer, SessionRecord::height),
            new Field<>("options", SessionJson::options, session -> values(OPTIONS, session.options())),
            new Field<>("removed", json -> list(json, SessionJson::number), null),
            new Field<>("objects", json -> list(json, SessionJson::object), session -> all(OBJECT, session.objects())));

    private SessionJson() {}

    /** Reads a value whose first token is the current one. */
    private interface Value {
        Object read(JsonParser json) throws IOException;
    }

    /**
     * A field of a kind of object.
     *
     * @param of what is written, null if it is only read, where it is there
     */
    private record Field<T>(String name, Value reader, Function<T, Object> of) {}

    /**
     * Reads a session.
     *
     * @throws IOException if the text is not one
     */
    static SessionRecord read(String text) throws IOException {
        try (JsonParser json = FACTORY.createParser(text)) {
            json.nextToken();
            Map<String, Object> values = read(json, SESSION);
            require(json, json.nextToken() == null);
            return new SessionRecord(
                    (String) values.get("model"),
                    (int) values.get("frames"),
                    (int) values.get("width"),
                    (int) values.get("height"),
                    (VideoOptions) values.get("options"),
                    listOf(values, "objects"));
        }
    }

    private static VideoOptions options(JsonParser json) throws IOException {
        Map<String, Object> values = read(json, OPTIONS);
        return new VideoOptions(
                (boolean) values.get("nonOverlappingMasks"),
                (int) values.get("fillHoleArea"),
                (boolean) values.get("keepCorrections"),
                (boolean) values.get("clearMemoryAroundPrompts"),
                (boolean) values.get("streaming"),
                Float.parseFloat((String) values.get("maskThreshold")),
                (boolean) values.get("logits"));
    }

    private static SavedObject object(JsonParser json) throws IOException {
        Map<String, Object> values = read(json, OBJECT);
        return new SavedObject(
                (long) values.get("id"),
                listOf(values, "clicks"),
                listOf(values, "masks"),
                listOf(values, "trackedForward"),
                listOf(values, "trackedBackward"),
                listOf(values, "prompted"),
                listOf(values, "tracked"),
                listOf(values, "pendingPrompted"),
                listOf(values, "pendingTracked"));
    }

    private static SavedClicks clicks(JsonParser json) throws IOException {
        Map<String, Object> values = read(json, CLICKS);
        return new SavedClicks((int) values.get("frame"), listOf(values, "labels"));
    }

    @SuppressWarnings("unchecked") // each list was read by the reader of its elements
    private static <T> List<T> listOf(Map<String, Object> values, String name) {
        return (List<T>) values.get(name);
    }

    /** The values of an object's fields, each of which must be there once, and no other. */
    private static <T> Map<String, Object> read(JsonParser json, List<Field<T>> fields) throws IOException {
        require(json, json.currentToken() == JsonToken.START_OBJECT);
        Map<String, Value> readers = new HashMap<>();
        fields.forEach(field -> readers.put(field.name(), field.reader()));
        Map<String, Object> values = new HashMap<>();
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String name = json.currentName();
            require(json, readers.containsKey(name) && !values.containsKey(name));
            json.nextToken();
            values.put(name, readers.get(name).read(json));
        }
        for (Field<T> field : fields) {
            require(json, values.containsKey(field.name()) || field.of() == null);
        }
        return values;
    }

    private static List<Object> list(JsonParser json, Value element) throws IOException {
        require(json, json.currentToken() == JsonToken.START_ARRAY);
        List<Object> values = new ArrayList<>();
        while (json.nextToken() != JsonToken.END_ARRAY) {
            values.add(element.read(json));
        }
        return List.copyOf(values);
    }

    private static List<Object> integers(JsonParser json) throws IOException {
        return list(json, SessionJson::integer);
    }

    private static Integer integer(JsonParser json) throws IOException {
        require(json, json.currentToken() == JsonToken.VALUE_NUMBER_INT);
        return json.getIntValue();
    }

    private static Long number(JsonParser json) throws IOException {
        require(json, json.currentToken() == JsonToken.VALUE_NUMBER_INT);
        return json.getLongValue();
    }

    private static String text(JsonParser json) throws IOException {
        require(json, json.currentToken() == JsonToken.VALUE_STRING);
        return json.getText();
    }

    private static void require(JsonParser json, boolean holds) throws JsonParseException {
        if (!holds) {
            throw new JsonParseException(json, "unexpected " + json.currentToken());
        }
    }

    /** The text of a session. */
    static String write(SessionRecord session) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = FACTORY.createGenerator(text)) {
            RecordJson.writeValue(json, values(SESSION, session));
        } catch (IOException e) {
            throw new UncheckedIOException(e); // never, in memory
        }
        return text.toString();
    }

    private static <T> List<Map<String, Object>> all(List<Field<T>> fields, List<T> objects) {
        return objects.stream().map(object -> values(fields, object)).toList();
    }

    private static <T> Map<String, Object> values(List<Field<T>> fields, T object) {
        Map<String, Object> values = new LinkedHashMap<>();
        fields.stream()
                .filter(field -> field.of() != null)
                .forEach(field -> values.put(field.name(), field.of().apply(object)));
        return values;
    }
}
