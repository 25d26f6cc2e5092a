package dev.sam2j.training.data;

import dev.sam2j.common.io.Sha256;
import dev.sam2j.training.TrainingException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * What is trained on and what is validated on.
 *
 * @param training not empty
 * @param validation maybe empty
 */
public record Split(DataSet training, DataSet validation) {
    private static final long MAX_LIST_BYTES = 64 << 20;

    /** Checks that there is something to train on. */
    public Split {
        if (training.size() == 0) {
            throw new TrainingException("there is no picture to train on"
                    + (validation.size() == 0 ? "" : ", all " + validation.size() + " are for validation"));
        }
    }

    /** Two data sets as they are. */
    public static Split of(DataSet training, DataSet validation) {
        Set<Path> trained = new HashSet<>();
        training.samples().forEach(sample -> trained.add(sample.file()));
        for (Sample sample : validation.samples()) {
            if (trained.contains(sample.file())) {
                throw new TrainingException(sample.file() + " is in both data sets, for training and for validation");
            }
        }
        return new Split(training, validation);
    }

    /**
     * Pictures whose hashed name falls below the fraction validate, so that pictures which are added move no other
     * across. Of two pictures or more at least one validates and at least one trains: if chance has it otherwise the
     * one whose hash is nearest to the fraction.
     *
     * @param fraction 0 for no validation, less than 1
     */
    public static Split byFraction(DataSet data, double fraction) {
        if (!(fraction >= 0 && fraction < 1)) {
            throw new IllegalArgumentException(
                    "validation fraction: expected at least 0 and less than 1, got " + fraction);
        }
        Set<Sample> validation = new HashSet<>();
        data.samples().stream()
                .filter(sample -> fraction > 0 && position(sample) < fraction)
                .forEach(validation::add);
        if (fraction > 0 && data.size() > 1) {
            Comparator<Sample> order = Comparator.comparingDouble(Split::position);
            if (validation.isEmpty()) {
                validation.add(data.samples().stream().min(order).orElseThrow());
            } else if (validation.size() == data.size()) {
                validation.remove(data.samples().stream().max(order).orElseThrow());
            }
        }
        return by(data, validation::contains);
    }

    /** Where a name lies between 0 and 1. */
    private static double position(Sample sample) {
        // 13 hexadecimal digits are as many bits as a double holds.
        return Long.parseLong(Sha256.of(sample.name()).substring(0, 13), 16) / (double) (1L << 52);
    }

    /**
     * Pictures that a file names, one a line, validate.
     *
     * @throws TrainingException if the file cannot be read, or names a picture that is not in the data set
     */
    public static Split byList(DataSet data, Path list) {
        Set<String> names = new HashSet<>();
        data.samples().forEach(sample -> names.add(sample.name()));
        Set<String> validation = new HashSet<>();
        for (String line : lines(list)) {
            if (!line.isBlank() && !names.contains(line.strip())) {
                throw new TrainingException(list + " names " + Text.of(line.strip())
                        + ", which is no picture of the data set that can be used");
            }
            validation.add(line.strip());
        }
        return by(data, sample -> validation.contains(sample.name()));
    }

    private static List<String> lines(Path list) {
        try {
            if (Files.size(list) > MAX_LIST_BYTES) {
                throw new TrainingException(list + " is longer than the limit of 64 MB");
            }
            return Files.readAllLines(list, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw Text.unreadable(list, e);
        }
    }

    private static Split by(DataSet data, Predicate<Sample> validates) {
        List<Sample> training = new ArrayList<>();
        List<Sample> validation = new ArrayList<>();
        data.samples().forEach(sample -> (validates.test(sample) ? validation : training).add(sample));
        return new Split(new DataSet(training), new DataSet(validation));
    }
}
