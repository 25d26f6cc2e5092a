package dev.sam2j.fuzz;

import java.nio.charset.StandardCharsets;

/** JSON that is hostile whatever it is read as. */
final class JsonSeeds {
    private JsonSeeds() {}

    static Seeds small() {
        return new Seeds()
                .add("nothing", "")
                .add("null", "null")
                .add("an empty list", "[]")
                .add("an empty object", "{}")
                .add("a text", "\"\\u001b[2J\\u202e\"")
                .add("more after the end", "[] []")
                .add("no JSON", "\u001b[2J\u202e")
                .add("a token of escapes", "[tr\u001b[2J\u202eue]")
                .add("not UTF-8", Seeds.bytes('[', '"', 0xff, 0xfe, '"', ']'))
                .add("UTF-16", "[[1,2,3,4]]".getBytes(StandardCharsets.UTF_16))
                .add("a key twice", "[{\"a\":1,\"a\":2}]")
                .add("no numbers", "[[NaN,Infinity,01,.5]]");
    }

    static Seeds large() {
        return new Seeds()
                .add("64 MB of empty lists", () -> Seeds.repeated("[", "[],", (64 << 20) / 3 - 2, "[]]"))
                .add("64 MB of empty objects", () -> Seeds.repeated("[", "{},", (64 << 20) / 3 - 2, "{}]"))
                .add("63 MB of zeros", () -> Seeds.repeated("[", "0,", 63 << 19, "0]"))
                .add("nesting", () -> Seeds.repeated("", "[", 10_000_000, ""))
                .add("nested objects", () -> Seeds.repeated("", "{\"a\":", 1_000_000, ""))
                .add("a number of a million digits", () -> Seeds.repeated("[[", "9", 1_000_000, ",1,2,3]]"))
                .add("a text of 60 MB", () -> Seeds.repeated("[\"", "a", 60 << 20, "\"]"))
                .add("keys of one hash", () -> keys(1 << 16, 16))
                .add("500,000 keys", () -> numberedKeys(500_000));
    }

    private static byte[] keys(int count, int bits) {
        StringBuilder json = new StringBuilder("[{");
        for (int i = 0; i < count; i++) {
            json.append('"').append(Seeds.colliding(i, bits)).append("\":1,");
        }
        return json.append("\"a\":1}]").toString().getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] numberedKeys(int count) {
        StringBuilder json = new StringBuilder("[{");
        for (int i = 0; i < count; i++) {
            json.append('"').append(i).append("\":1,");
        }
        return json.append("\"a\":1}]").toString().getBytes(StandardCharsets.UTF_8);
    }
}
