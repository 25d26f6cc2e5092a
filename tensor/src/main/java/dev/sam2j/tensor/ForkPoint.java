package dev.sam2j.tensor;

/** A place in the order of all work. */
@FunctionalInterface
public interface ForkPoint {
    /** Where nothing runs beside anything else: the body just runs. */
    ForkPoint NO_FORK = body -> {
        body.run();
        return Branch.JOINED;
    };

    /**
     * Queues the operations of {@code body}, which this thread calls, after everything queued before this point and
     * beside everything queued after it by any thread, where the backend can; where it cannot, the body just runs.
     * Until the branch is joined, tensors that the body writes must not be used, nor those that it reads be written; a
     * workspace that it takes memory from is used by nobody else. A fork inside a fork or a recording is no fork.
     *
     * @return what to join before the results are used, and before the memory that the body uses is used again
     */
    Branch fork(Runnable body);
}
