package dev.sam2j.parity;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sam2j.configs.Configs;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.provider.BackendOptions;
import dev.sam2j.tensor.provider.Backends;
import dev.sam2j.tensor.training.AdamStep;
import dev.sam2j.tensor.training.TrainingBackend;
import dev.sam2j.training.grad.Parameter;
import dev.sam2j.training.grad.ParameterStore;
import dev.sam2j.training.grad.Var;
import dev.sam2j.training.model.PictureVars;
import dev.sam2j.training.model.Prediction;
import dev.sam2j.training.model.TrainableSam2;
import dev.sam2j.training.objective.BatchResult;
import dev.sam2j.training.objective.BatchStep;
import dev.sam2j.training.objective.Losses;
import dev.sam2j.training.objective.StepLog;
import dev.sam2j.training.objective.StepObserver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Compares training with recorded runs of the public code: losses, activations, every gradient, weights after 1 and 5
 * steps. As a program it takes folders of the format of {@code train_demo_image} and prints the worst error of each
 * kind, and where: {@code TrainingCheck DIR... [--setting frozen|full]}.
 */
final class TrainingCheck {
    private static final double LOSS = 1e-5;
    private static final double GRADIENT = 2e-4;
    private static final double GRADIENT_SHARE = 20;
    private static final double ZERO = 1e-6;
    private static final double CHANGE = 5e-3;
    private static final double CHANGE_SHARE = 5;

    private final TrainingCase recorded;
    private final TrainingBackend backend;
    private final JsonNode description;
    private final TrainingErrors errors = new TrainingErrors();

    private TrainingCheck(TrainingCase recorded, TrainingBackend backend) {
        this.recorded = recorded;
        this.backend = backend;
        this.description = recorded.fixture().description();
    }

    /** Runs the program. */
    public static void main(String[] arguments) throws IOException {
        String setting = "frozen";
        List<Path> folders = new ArrayList<>();
        for (int i = 0; i < arguments.length; i++) {
            if (arguments[i].equals("--setting") && i + 1 < arguments.length) {
                setting = arguments[++i];
            } else {
                folders.add(Path.of(arguments[i]));
            }
        }
        if (folders.isEmpty() || !Set.of("frozen", "full").contains(setting)) {
            System.err.println("usage: TrainingCheck DIR... [--setting frozen|full]");
            System.exit(2);
        }
        boolean good = true;
        try (TrainingBackend backend = (TrainingBackend) Backends.open("cpu", BackendOptions.DEFAULT)) {
            for (Path folder : folders) {
                good &= run(folder, setting, backend);
            }
        }
        System.exit(good ? 0 : 1);
    }

    private static boolean run(Path folder, String setting, TrainingBackend backend) throws IOException {
        String missing = missing(folder, setting);
        if (missing != null) {
            System.out.println(folder + ": " + missing);
            return false;
        }
        TrainingErrors errors = check(folder, backend);
        System.out.println(folder + ", " + setting + ":\n" + errors.summary().stripTrailing());
        errors.violations().forEach(violation -> System.out.println("  exceeds its bound: " + violation));
        return errors.violations().isEmpty();
    }

    /** What a case needs that is not built, in a sentence, or null. */
    private static String missing(Path folder, String setting) throws IOException {
        if (!Files.exists(folder.resolve("case.json"))) {
            return "there is no case.json.";
        }
        try (Fixture fixture = Fixture.open(folder)) {
            if (!fixture.description().get("kind").asText().equals("train_image")) {
                return "training on clips is not built, only on pictures.";
            }
            if (!fixture.model().equals(Configs.canonicalName("demo"))) {
                return "the weights of " + fixture.model() + " are not here, only those of the demo model.";
            }
        }
        return setting.equals("full") ? "training the picture encoder is not built, only --setting frozen." : null;
    }

    /** Compares everything recorded of a case of pictures with the encoder frozen. */
    static TrainingErrors check(Path folder, TrainingBackend backend) throws IOException {
        try (TrainingCase recorded = new TrainingCase(folder, backend)) {
            TrainingCheck check = new TrainingCheck(recorded, backend);
            for (String pass : recorded.recordedPasses()) {
                check.gradients(pass);
            }
            check.training();
            return check.errors;
        }
    }

    private ParameterStore store() {
        return new ParameterStore(recorded.weights(), backend, name -> !name.startsWith("image_encoder."));
    }

    /** One pass at the initial weights. */
    private void gradients(String pass) {
        JsonNode expected = description.get("gradients").get(pass);
        Activations activations = new Activations(pass);
        try (ParameterStore store = store();
                BatchStep step = step(store)) {
            step.observe(activations);
            store.clearGradients();
            BatchResult result = step.run(recorded.batch(pass));
            losses(pass, result.losses(), expected.get("losses"));
            for (int i = 0; i < result.steps().size(); i++) {
                StepLog log = result.steps().get(i);
                losses(
                        pass + ", frame 0, step " + i,
                        log.losses(),
                        expected.get("byStep").get(i));
                decisions(pass + ", step " + i, log, expected.get("decisions").get(i));
            }
            activations.compare();
            double norm = expected.get("normFrozen").asDouble();
            errors.add("gradient norm", pass, Math.abs(norm(store) - norm) / norm, GRADIENT);
            Set<String> none = new HashSet<>();
            expected.get("none").forEach(name -> none.add(name.asText()));
            for (Parameter parameter : store.trained()) {
                errors.agree(
                        "takes part",
                        pass + ", " + parameter.name(),
                        parameter.takesPart(),
                        !none.contains(parameter.name()));
                compare("gradient", "gradient." + pass + "/" + parameter.name(), parameter, norm);
            }
            allAsked(store);
        }
    }

    private BatchStep step(ParameterStore store) {
        return new BatchStep(new TrainableSam2(store, recorded.config()), recorded.objective(), 8, false);
    }

    /** Whether every gradient recorded outside the encoder was compared. */
    private void allAsked(ParameterStore store) {
        Set<String> known = new HashSet<>();
        store.trained().forEach(parameter -> known.add(parameter.name()));
        description.get("tensors").fieldNames().forEachRemaining(key -> {
            String name = key.substring(key.indexOf('/') + 1);
            if (key.startsWith("gradient.") && !name.startsWith("image_encoder.")) {
                errors.agree("recorded parameter is trained", name, known.contains(name), true);
            }
        });
    }

    private void losses(String where, Losses actual, JsonNode expected) {
        loss(where + ", mask", actual.mask(), expected.get("mask"));
        loss(where + ", dice", actual.dice(), expected.get("dice"));
        loss(where + ", iou", actual.iou(), expected.get("iou"));
        loss(where + ", object", actual.object(), expected.get("object"));
        loss(where + ", total", actual.total(), expected.get("total"));
    }

    private void loss(String where, double actual, JsonNode expected) {
        double truth = expected.asDouble();
        errors.add("loss", where, truth == 0 ? Math.abs(actual) : Math.abs(actual - truth) / truth, LOSS);
    }

    private void decisions(String where, StepLog log, JsonNode expected) {
        for (int object = 0; object < log.present().length; object++) {
            String own = where + ", object " + object;
            boolean present = expected.get("objectPresent").get(object).asBoolean();
            errors.agree("decision", own + " present", log.present()[object], present);
            if (expected.has("bestIou")) {
                int iou = expected.get("bestIou").get(object).asInt();
                errors.agree("decision", own + " best by quality", log.bestQuality()[object], iou);
                int loss = expected.get("bestLoss").get(object).asInt();
                errors.agree("decision", own + " best by loss", log.bestLoss()[object], loss);
            }
        }
    }

    /** The recorded training run. */
    private void training() {
        JsonNode run = description.get("training").get("frozen");
        JsonNode hyper = description.get("hyperParameters");
        double clip = hyper.get("clipNorm").asDouble();
        try (ParameterStore store = store();
                BatchStep step = step(store)) {
            Map<String, float[]> initial = new HashMap<>();
            new TrainableSam2(store, recorded.config());
            store.trained().forEach(parameter -> initial.put(parameter.name(), parameter.read(parameter.value())));
            int done = 0;
            for (JsonNode recordedStep : run.get("steps")) {
                String where = "step " + recordedStep.get("step").asInt();
                store.clearGradients();
                BatchResult result =
                        step.run(recorded.batch(recordedStep.get("pass").asText()));
                losses("training, " + where, result.losses(), recordedStep.get("losses"));
                double norm = norm(store);
                double truth = recordedStep.get("gradientNorm").asDouble();
                errors.add("gradient norm", "training, " + where, Math.abs(norm - truth) / truth, GRADIENT);
                adamW(store, recordedStep.get("baseLearningRate").asDouble(), Math.min(1, clip / (norm + 1e-6)));
                done++;
                if (done == 1 || done == hyper.get("steps").asInt()) {
                    changes(done, store, initial);
                }
            }
        }
    }

    private void adamW(ParameterStore store, double rate, double factor) {
        JsonNode hyper = description.get("hyperParameters");
        for (Parameter parameter : store.trained()) {
            if (parameter.takesPart()) {
                JsonNode own = description.get("parameters").get(parameter.name());
                parameter.setSteps(parameter.steps() + 1);
                AdamStep step = new AdamStep(
                        rate * own.get("scale").asDouble(),
                        hyper.get("betas").get(0).asDouble(),
                        hyper.get("betas").get(1).asDouble(),
                        hyper.get("epsilon").asDouble(),
                        own.get("weightDecay").asDouble(),
                        parameter.steps(),
                        factor);
                backend.training()
                        .adamW(parameter.value(), parameter.gradient(), parameter.mean(), parameter.square(), step);
                parameter.changed();
            }
        }
    }

    private double norm(ParameterStore store) {
        double sum = 0;
        for (Parameter parameter : store.trained()) {
            sum += backend.training().squaredNorm(parameter.gradient());
        }
        return Math.sqrt(sum);
    }

    private void changes(int done, ParameterStore store, Map<String, float[]> initial) {
        String prefix = "change" + done + ".frozen/";
        double rate = description.get("hyperParameters").get("baseLearningRate").asDouble();
        for (Parameter parameter : store.trained()) {
            String key = prefix + parameter.name();
            if (!recorded.fixture().has(key)) {
                continue;
            }
            float[] change = parameter.read(parameter.value());
            float[] before = initial.get(parameter.name());
            for (int i = 0; i < change.length; i++) {
                change[i] -= before[i];
            }
            JsonNode entry = description.get("tensors").get(key);
            if (entry.has("zero")) {
                // Adam makes steps of any size of what rounding leaves of a gradient that is zero.
                double steps = norm(change) / Math.sqrt(change.length) / rate;
                errors.add("change, in steps, where zero", key, steps, done);
            } else {
                compare("change", key, change, bound(entry, CHANGE, CHANGE_SHARE));
            }
        }
    }

    private void compare(String kind, String key, Parameter parameter, double totalNorm) {
        if (!recorded.fixture().has(key)) {
            return;
        }
        float[] gradient = parameter.read(parameter.gradient());
        JsonNode entry = description.get("tensors").get(key);
        if (entry.has("zero")) {
            errors.add(kind + " that is zero", key, norm(gradient) / totalNorm, ZERO);
        } else {
            compare(kind, key, gradient, bound(entry, GRADIENT, GRADIENT_SHARE));
        }
    }

    private static double bound(JsonNode entry, double least, double share) {
        return Math.max(least, share * entry.get("float32Error").asDouble());
    }

    /** Compares the elements that are recorded of a tensor, and its signature, both relative to its norm. */
    private void compare(String kind, String key, float[] actual, double bound) {
        JsonNode entry = description.get("tensors").get(key);
        float[] expected = recorded.fixture().expected(key);
        float[] sample = recorded.fixture().recorded(key, actual);
        double norm = entry.get("norm").asDouble();
        double square = 0;
        for (int i = 0; i < sample.length; i++) {
            double difference = (double) sample[i] - expected[i];
            square += difference * difference;
        }
        // The error of the whole as far as the sample tells.
        double error = Math.sqrt(square * actual.length / sample.length) / norm;
        errors.add(kind, key, error, bound);
        float[] signs = DeterministicWeights.uniform(key, actual.length);
        double signature = 0;
        for (int i = 0; i < actual.length; i++) {
            signature += (double) actual[i] * signs[i];
        }
        errors.add(
                kind + " signature",
                key,
                Math.abs(signature - entry.get("signature").asDouble()) / norm,
                bound);
    }

    private static double norm(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += (double) value * value;
        }
        return Math.sqrt(sum);
    }

    /** Collects what flows between modules, and its gradients, in the layout and under the names of the recording. */
    private final class Activations implements StepObserver {
        private final String prefix;
        private final Map<String, float[]> values = new TreeMap<>();

        Activations(String pass) {
            this.prefix = "activation." + pass + "/";
        }

        @Override
        public void picture(int picture, PictureVars vars, boolean gradients) {
            if (!gradients) { // the embedding itself is the encoder's, not ours
                put("feature0", picture, vars.highRes0().value(), true);
                put("feature1", picture, vars.highRes1().value(), true);
            } else {
                put("feature0.gradient", picture, vars.highRes0().gradient(), true);
                put("feature1.gradient", picture, vars.highRes1().gradient(), true);
                put("feature2.gradient", picture, vars.image().gradient(), true);
            }
        }

        @Override
        public void prediction(int step, int firstObject, Prediction prediction, boolean gradients) {
            String name = "decoder" + step + ".";
            put(name, "masks", firstObject, prediction.masks(), gradients);
            put(name, "iou", firstObject, prediction.iou(), gradients);
            put(name, "objectScore", firstObject, prediction.objectScore(), gradients);
        }

        private void put(String name, String what, int first, Var x, boolean gradients) {
            if (gradients) {
                put(name + what + ".gradient", first, x.gradient(), false);
            } else {
                put(name + what, first, x.value(), false);
            }
        }

        /** Puts a tensor into its place, entries {@code first} and following; images become channels-first. */
        private void put(String name, int first, Tensor tensor, boolean image) {
            String key = prefix + name;
            if (!recorded.fixture().has(key)) {
                return;
            }
            float[] own = Values.host(backend, tensor);
            int perEntry = own.length / tensor.dim(0);
            JsonNode shape = description.get("tensors").get(key).get("shape");
            float[] all = values.computeIfAbsent(
                    key, none -> new float[perEntry * shape.get(0).asInt()]);
            float[] moved = image ? Values.channelsFirst(own, tensor.cols()) : own;
            System.arraycopy(moved, 0, all, first * perEntry, moved.length);
        }

        void compare() {
            values.forEach((key, value) -> TrainingCheck.this.compare(
                    key.endsWith(".gradient") ? "activation's gradient" : "activation",
                    key,
                    value,
                    bound(description.get("tensors").get(key), GRADIENT, GRADIENT_SHARE)));
        }
    }
}
