package dev.sam2j.cuda.device;

import dev.sam2j.cuda.driver.CudaDriver;
import dev.sam2j.tensor.Section;
import dev.sam2j.tensor.Shape;
import dev.sam2j.tensor.Storage;
import dev.sam2j.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Sections of a model as CUDA graphs. A section is run when it is first met, so that weights are loaded, kernels
 * compiled and memory taken; recorded when it is met again with the same tensors at the same places; and repeated from
 * then on. What does not come again is never recorded.
 *
 * <p>A recording holds addresses, so nothing may be allocated, freed, uploaded, downloaded or waited for in it: a
 * section that does is run as it is, always, and the log says so once. A recording is dropped when memory that it
 * refers to is freed.
 */
public final class GraphCache {
    private static final System.Logger LOG = System.getLogger(GraphCache.class.getName());

    private final CudaDriver driver;
    private final boolean enabled;
    private final int limit;
    private final CudaStreams streams;
    private final Map<Key, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);
    /** Memory that the recording in progress refers to, or null when there is none. */
    private Set<CudaStorage> noted;

    private long replays;

    GraphCache(CudaDriver driver, boolean enabled, int limit, CudaStreams streams) {
        this.driver = driver;
        this.enabled = enabled;
        this.limit = limit;
        this.streams = streams;
    }

    /** Whether sections are recorded. */
    public boolean enabled() {
        return enabled;
    }

    /** What must be the same for a recording to be valid. */
    private record Key(CudaDriver.Stream stream, Section section, Object mark, List<View> operands) {}

    /** A tensor, comparable. */
    private record View(Storage storage, long offset, Shape shape, int rowStride) {}

    /** What is known of a section: met once if there is neither a graph nor a refusal. */
    private record Entry(CudaDriver.Graph graph, Set<CudaStorage> storages, String refusal) {
        static final Entry MET = new Entry(null, Set.of(), null);
    }

    /** Thrown where a recorded section does what it must not. */
    private static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Refused(String what) {
            super(what, null, false, false);
        }
    }

    /**
     * Records or repeats a section, or returns false if the caller shall run it. A section is not run in here unless it
     * is recorded: it may load weights, which wait for each other, and callers hold the lock of the device.
     */
    public boolean run(Section section, Object mark, List<Tensor> operands, Runnable body) {
        if (!enabled || noted != null) {
            return false;
        }
        List<View> views = operands.stream()
                .map(t -> new View(t.storage(), t.offset(), t.shape(), t.rowStride()))
                .toList();
        Key key = new Key(streams.selected().stream(), section, mark, views);
        Entry entry = entries.get(key);
        if (entry == null) {
            put(key, Entry.MET);
            return false;
        }
        if (entry.graph != null) {
            replays++;
            entry.graph.launch();
            return true;
        }
        return entry.refusal == null && record(key, body);
    }

    private boolean record(Key key, Runnable body) {
        CudaDriver.Graph graph;
        Set<CudaStorage> storages = Collections.newSetFromMap(new IdentityHashMap<>());
        try {
            driver.beginCapture();
            noted = storages;
            try {
                body.run();
                streams.selected().deferredUpdate().settle();
            } catch (RuntimeException | Error e) {
                streams.selected().deferredUpdate().forget();
                driver.abandonCapture();
                throw e;
            } finally {
                noted = null;
            }
            graph = driver.endCapture();
        } catch (Refused e) {
            String refusal = key.section + " " + e.getMessage();
            LOG.log(System.Logger.Level.WARNING, "not recorded as a CUDA graph: {0}", refusal);
            put(key, new Entry(null, Set.of(), refusal));
            return false;
        } catch (RuntimeException | Error e) {
            entries.remove(key);
            throw e;
        }
        put(key, new Entry(graph, storages, null));
        graph.launch();
        return true;
    }

    private void put(Key key, Entry entry) {
        entries.put(key, entry);
        if (entries.size() > limit) {
            Key oldest = entries.keySet().iterator().next();
            drop(List.of(oldest));
        }
    }

    private void drop(List<Key> keys) {
        List<CudaDriver.Graph> graphs = new ArrayList<>();
        for (Key key : keys) {
            CudaDriver.Graph graph = entries.remove(key).graph;
            if (graph != null) {
                graphs.add(graph);
            }
        }
        if (!graphs.isEmpty()) {
            try {
                driver.synchronize(); // they may be running
            } finally {
                graphs.forEach(CudaDriver.Graph::close);
            }
        }
    }

    /** Whether a recording is in progress. */
    boolean recording() {
        return noted != null;
    }

    /** Called before what a recording must not contain. */
    public void refuse(String what) {
        if (noted != null) {
            throw new Refused(what);
        }
    }

    /** Called for all memory that an operation uses. */
    void note(CudaStorage storage) {
        if (noted != null) {
            noted.add(storage);
        }
    }

    /** Drops the recordings that refer to memory about to be freed. */
    void forget(CudaStorage storage) {
        List<Key> affected = new ArrayList<>();
        entries.forEach((key, entry) -> {
            if (entry.storages.contains(storage)) {
                affected.add(key);
            }
        });
        drop(affected);
    }

    /** Number of recordings. */
    public int size() {
        return (int)
                entries.values().stream().filter(entry -> entry.graph != null).count();
    }

    /** How often a recording was repeated. */
    public long replays() {
        return replays;
    }

    /** Why sections were not recorded. */
    public List<String> refusals() {
        return entries.values().stream()
                .map(Entry::refusal)
                .filter(refusal -> refusal != null)
                .toList();
    }

    void close() {
        List<Key> keys = List.copyOf(entries.keySet());
        drop(keys);
    }
}
