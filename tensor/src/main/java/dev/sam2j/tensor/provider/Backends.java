package dev.sam2j.tensor.provider;

import dev.sam2j.BackendException;
import dev.sam2j.tensor.Backend;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.ServiceLoader;

/** Chooses and opens backends. */
public final class Backends {
    private static final System.Logger LOG = System.getLogger(Backends.class.getName());

    private static final String ADVICE =
            "this program has no backend, add dev.sam2j:sam2j-cpu, or dev.sam2j:sam2j-cuda for NVIDIA GPUs";

    private Backends() {}

    /** The kinds of device this program knows, best first, whether they can be used here or not. */
    public static List<BackendProvider> providers() {
        List<BackendProvider> providers = new ArrayList<>();
        ServiceLoader.load(BackendProvider.class, Backends.class.getClassLoader())
                .forEach(providers::add);
        providers.sort(Comparator.comparingInt(BackendProvider::priority).reversed());
        return providers;
    }

    /**
     * Opens a device.
     *
     * @param device {@code auto} for the best that is available, or a kind with an optional number: {@code cpu},
     *     {@code cuda}, {@code cuda:1}
     * @throws BackendException if the device is not known or not available, with the reason
     */
    public static Backend open(String device, BackendOptions options) {
        return device.equals("auto") ? best(options) : named(device, options);
    }

    /**
     * Begins, in the background, to get a device ready that will be opened soon. Returns at once, also where there is
     * no such device.
     *
     * @param device as for {@link #open}
     * @param options as for {@link #open}
     */
    public static void prepare(String device, BackendOptions options) {
        for (BackendProvider provider : providers()) {
            boolean wanted = device.equals("auto") || device.split(":")[0].equals(provider.kind());
            if (wanted && provider.unavailableReason() == null) {
                provider.prepare(options);
                return;
            }
        }
    }

    private static Backend best(BackendOptions options) {
        StringBuilder passedOver = new StringBuilder();
        for (BackendProvider provider : providers()) {
            String reason = provider.unavailableReason();
            if (reason == null) {
                try {
                    Backend backend = provider.open(0, options);
                    LOG.log(
                            System.Logger.Level.INFO,
                            "using {0}{1}",
                            backend.info().description(),
                            passedOver);
                    return backend;
                } catch (BackendException e) {
                    reason = e.getMessage();
                }
            }
            passedOver.append("; not ").append(provider.kind()).append(": ").append(reason);
        }
        throw new BackendException(
                passedOver.length() == 0 ? "no device is available: " + ADVICE : "no device is available" + passedOver);
    }

    private static Backend named(String device, BackendOptions options) {
        int colon = device.indexOf(':');
        String kind = colon < 0 ? device : device.substring(0, colon);
        int index = colon < 0 ? 0 : index(device, device.substring(colon + 1));
        List<String> known = new ArrayList<>();
        for (BackendProvider provider : providers()) {
            if (provider.kind().equals(kind)) {
                String reason = provider.unavailableReason();
                if (reason != null) {
                    throw new BackendException(device + " cannot be used: " + reason);
                }
                return provider.open(index, options);
            }
            known.add(provider.kind());
        }
        throw new BackendException(device + " cannot be used: "
                + (known.isEmpty() ? ADVICE : "this program has no backend for it, expected auto or one of " + known));
    }

    private static int index(String device, String digits) {
        if (!digits.matches("[0-9]{1,4}")) {
            throw new BackendException("device: expected a number after the colon, got " + device);
        }
        return Integer.parseInt(digits);
    }
}
