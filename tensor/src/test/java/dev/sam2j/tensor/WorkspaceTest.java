package dev.sam2j.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.sam2j.tensor.reference.ReferenceBackend;
import org.junit.jupiter.api.Test;

class WorkspaceTest {
    private static final int LARGE = 5_000_000;

    @Test
    void reservedRoomHoldsEverything() {
        try (Backend backend = new ReferenceBackend();
                Workspace workspace = new Workspace(backend)) {
            workspace.reserve(2L * LARGE + 64);
            try (Workspace.Frame frame = workspace.frame()) {
                Tensor first = workspace.allocate(Shape.of(LARGE));
                Tensor second = workspace.allocate(Shape.of(LARGE));
                assertSame(first.storage(), second.storage());
            }
            assertEquals(4L * (2L * LARGE + 64), workspace.bytes());
        }
    }

    @Test
    void reservingIsForEmptyWorkspacesAndPossibleSizes() {
        try (Backend backend = new ReferenceBackend();
                Workspace workspace = new Workspace(backend)) {
            workspace.reserve(0);
            workspace.reserve(Long.MAX_VALUE);
            assertEquals(0, workspace.bytes());
            workspace.reserve(100);
            workspace.reserve(200);
            assertEquals(400, workspace.bytes());
        }
    }
}
