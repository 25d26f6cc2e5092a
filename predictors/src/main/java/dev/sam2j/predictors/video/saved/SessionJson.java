package dev.sam2j.predictors.video.saved;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.sam2j.predictors.video.VideoOptions;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A {@link SessionRecord} as JSON. Reading takes exactly what is written, and what earlier versions wrote. */
final class SessionJson {
    private static final JsonFactory FACTORY = new JsonFactory();

    private static final Map<String, Value> CLICKS =
            Map.of("frame", SessionJson::integer, "labels", SessionJson::integers);

    private static final Map<String, Value> OBJECT = Map.of(
            "id", SessionJson::number,
            "clicks", json -> list(json, SessionJson::clicks),
            "masks", SessionJson::integers,
            "trackedForward", SessionJson::integers,
            "trackedBackward", SessionJson::integers,
            "prompted", SessionJson::integers,
            "tracked", SessionJson::integers,
            "pendingPrompted", SessionJson::integers,
            "pendingTracked", SessionJson::integers);

    private static final Map<String, Value> OPTIONS = Map.of(
            "nonOverlappingMasks", SessionJson::flag,
            "fillHoleArea", SessionJson::integer,
            "keepCorrections", SessionJson::flag,
            "clearMemoryAroundPrompts", SessionJson::flag,
            "streaming", SessionJson::flag,
            "maskThreshold", SessionJson::text,
            "logits", SessionJson::flag);

    /** Version 1 also had the ids of removed objects, which could not be used again. */
    private static final String REMOVED = "removed";

    private static final Map<String, Value> SESSION = Map.of(
            "model",
            SessionJson::text,
            "frames",
            SessionJson::integer,
            "width",
            SessionJson::integer,
            "height",
            SessionJson::integer,
            "options",
            SessionJson::options,
            REMOVED,
            json -> list(json, SessionJson::number),
            "objects",
            json -> list(json, SessionJson::object));

    private SessionJson() {}

    /** Reads a value whose first token is the current one. */
    private interface Value {
        Object read(JsonParser json) throws IOException;
    }

    /**
     * Reads a session.
     *
     * @throws IOException if the text is not one
     */
    static SessionRecord read(String text) throws IOException {
        try (JsonParser json = FACTORY.createParser(text)) {
            json.nextToken();
            Map<String, Object> values = fields(json, SESSION, Set.of(REMOVED));
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
        Map<String, Object> values = fields(json, OPTIONS, Set.of());
        return new VideoOptions(
                (boolean) values.get("nonOverlappingMasks"),
                (int) values.get("fillHoleArea"),
                (boolean) values.get("keepCorrections"),
                (boolean) values.get("clearMemoryAroundPrompts"),
                (boolean) values.get("streaming"),
                Float.parseFloat((String) values.get("maskThreshold")),
                (boolean) values.get("logits"));
    }

    private static SessionRecord.SavedObject object(JsonParser json) throws IOException {
        Map<String, Object> values = fields(json, OBJECT, Set.of());
        return new SessionRecord.SavedObject(
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

    private static SessionRecord.SavedClicks clicks(JsonParser json) throws IOException {
        Map<String, Object> values = fields(json, CLICKS, Set.of());
        return new SessionRecord.SavedClicks((int) values.get("frame"), listOf(values, "labels"));
    }

    @SuppressWarnings("unchecked") // each list was read by the reader of its elements
    private static <T> List<T> listOf(Map<String, Object> values, String name) {
        return (List<T>) values.get(name);
    }

    /** The values of an object's fields, each of which must be there once, and no other. */
    private static Map<String, Object> fields(JsonParser json, Map<String, Value> readers, Set<String> optional)
            throws IOException {
        require(json, json.currentToken() == JsonToken.START_OBJECT);
        Map<String, Object> values = new HashMap<>();
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String name = json.currentName();
            require(json, readers.containsKey(name) && !values.containsKey(name));
            json.nextToken();
            values.put(name, readers.get(name).read(json));
        }
        for (String name : readers.keySet()) {
            require(json, values.containsKey(name) || optional.contains(name));
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

    private static Boolean flag(JsonParser json) throws IOException {
        return json.getBooleanValue();
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
            json.writeStartObject();
            json.writeStringField("model", session.model());
            json.writeNumberField("frames", session.frames());
            json.writeNumberField("width", session.width());
            json.writeNumberField("height", session.height());
            json.writeObjectFieldStart("options");
            write(json, session.options());
            json.writeEndObject();
            json.writeArrayFieldStart("objects");
            for (SessionRecord.SavedObject object : session.objects()) {
                json.writeStartObject();
                write(json, object);
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e); // never, in memory
        }
        return text.toString();
    }

    /** The threshold is text, which keeps it exact. */
    private static void write(JsonGenerator json, VideoOptions options) throws IOException {
        json.writeBooleanField("nonOverlappingMasks", options.nonOverlappingMasks());
        json.writeNumberField("fillHoleArea", options.fillHoleArea());
        json.writeBooleanField("keepCorrections", options.keepCorrections());
        json.writeBooleanField("clearMemoryAroundPrompts", options.clearMemoryAroundPrompts());
        json.writeBooleanField("streaming", options.streaming());
        json.writeStringField("maskThreshold", Float.toString(options.maskThreshold()));
        json.writeBooleanField("logits", options.logits());
    }

    private static void write(JsonGenerator json, SessionRecord.SavedObject object) throws IOException {
        json.writeNumberField("id", object.id());
        json.writeArrayFieldStart("clicks");
        for (SessionRecord.SavedClicks clicks : object.clicks()) {
            json.writeStartObject();
            json.writeNumberField("frame", clicks.frame());
            write(json, "labels", clicks.labels());
            json.writeEndObject();
        }
        json.writeEndArray();
        write(json, "masks", object.masks());
        write(json, "trackedForward", object.trackedForward());
        write(json, "trackedBackward", object.trackedBackward());
        write(json, "prompted", object.prompted());
        write(json, "tracked", object.tracked());
        write(json, "pendingPrompted", object.pendingPrompted());
        write(json, "pendingTracked", object.pendingTracked());
    }

    private static void write(JsonGenerator json, String name, List<Integer> numbers) throws IOException {
        json.writeArrayFieldStart(name);
        for (int number : numbers) {
            json.writeNumber(number);
        }
        json.writeEndArray();
    }
}
