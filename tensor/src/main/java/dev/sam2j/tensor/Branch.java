package dev.sam2j.tensor;

/** Work that runs beside other work since a {@link ForkPoint#fork fork}. */
@FunctionalInterface
public interface Branch {
    /** Work that is done, or is in order with all other work. */
    Branch JOINED = () -> {};

    /**
     * Lets all operations from now on come after those of the branch; the host does not wait. Joining twice has no
     * effect, nor has joining after the backend has been closed.
     */
    void join();
}
