package dev.sam2j.training.run;

import dev.sam2j.common.io.AtomicFiles;
import dev.sam2j.training.TrainingException;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A table that grows by a row at a time, in a file that spreadsheets read. The first column is a whole number that
 * never falls. A run that goes on cuts off what was logged after the state it goes on from.
 */
final class CsvLog implements AutoCloseable {
    private final Path file;
    private final List<String> columns;
    private final List<double[]> rows = new ArrayList<>();
    private final Writer out;

    /**
     * Opens a table.
     *
     * @param last rows whose first column is larger are dropped; -1 begins a new table
     */
    CsvLog(Path file, long last, String... columns) {
        this.file = file;
        this.columns = List.of(columns);
        try {
            if (last >= 0 && Files.exists(file)) {
                read(last);
            }
            AtomicFiles.writeString(file, text());
            this.out = Files.newBufferedWriter(file, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw failure(e);
        }
    }

    /** Adds a row; a value that is not finite stays empty. */
    void add(double... values) {
        rows.add(values);
        try {
            out.write(line(values));
            out.flush();
        } catch (IOException e) {
            throw failure(e);
        }
    }

    /** All values of a column. */
    double[] column(String name) {
        int index = columns.indexOf(name);
        return rows.stream().mapToDouble(row -> row[index]).toArray();
    }

    /** Number of rows. */
    int size() {
        return rows.size();
    }

    private void read(long last) throws IOException {
        for (String line : Files.readAllLines(file)) {
            String[] cells = line.split(",", -1);
            if (cells.length != columns.size() || cells[0].equals(columns.get(0))) {
                continue; // the head, or a row that a killed run left half-written
            }
            double[] row = Arrays.stream(cells).mapToDouble(CsvLog::number).toArray();
            if (row[0] <= last) {
                rows.add(row);
            }
        }
    }

    private static double number(String cell) {
        try {
            return cell.isEmpty() ? Double.NaN : Double.parseDouble(cell);
        } catch (NumberFormatException e) {
            return Double.NaN; // edited by someone; only the curves miss it
        }
    }

    private String text() {
        return String.join(",", columns) + "\n"
                + rows.stream().map(CsvLog::line).collect(Collectors.joining());
    }

    private static String line(double[] values) {
        return Arrays.stream(values)
                        .mapToObj(value -> !Double.isFinite(value)
                                ? ""
                                : value == Math.rint(value) && Math.abs(value) < 1e15
                                        ? Long.toString((long) value)
                                        : Double.toString(value))
                        .collect(Collectors.joining(","))
                + "\n";
    }

    private TrainingException failure(IOException e) {
        return new TrainingException(file + " cannot be written: " + AtomicFiles.reason(e), e);
    }

    @Override
    public void close() {
        try {
            out.close();
        } catch (IOException e) {
            throw failure(e);
        }
    }
}
