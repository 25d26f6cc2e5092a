package dev.sam2j.cuda.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sam2j.BackendException;
import dev.sam2j.cuda.FakeCudaDriver;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DeviceHeapTest {
    private final FakeCudaDriver driver = new FakeCudaDriver(1 << 20, 1);
    private final DeviceHeap heap = new DeviceHeap(driver, "test memory", 1 << 16);

    DeviceHeapTest() {
        driver.makeCurrent();
    }

    @Test
    void blocksNeverOverlapAndAllMemoryGoesBack() {
        Random random = new Random(5);
        List<DeviceHeap.Block> blocks = new ArrayList<>();
        for (int step = 0; step < 2000; step++) {
            if (blocks.size() > 20 || (!blocks.isEmpty() && random.nextInt(3) == 0)) {
                heap.free(blocks.remove(random.nextInt(blocks.size())));
                continue;
            }
            DeviceHeap.Block block = heap.allocate(1 + random.nextInt(20000));
            assertEquals(0, block.address() % 256);
            for (DeviceHeap.Block other : blocks) {
                assertTrue(block.address() + block.bytes() <= other.address()
                        || other.address() + other.bytes() <= block.address());
            }
            blocks.add(block);
        }
        blocks.forEach(heap::free);
        assertEquals(0, heap.held());
        assertEquals(java.util.Set.of(), driver.leaks());
    }

    @Test
    void smallBlocksShareAnAllocationAndLargeOnesHaveTheirOwn() {
        heap.allocate(1000);
        heap.allocate(1000);
        assertEquals(1, driver.count(FakeCudaDriver.Call.ALLOCATE));
        heap.allocate(100_000);
        assertEquals(2, driver.count(FakeCudaDriver.Call.ALLOCATE));
        assertEquals((1 << 16) + 100_096, heap.held());
    }

    @Test
    void takesLessThanAChunkWhereThereIsNoRoomForOne() {
        heap.allocate((1 << 20) - 4096);
        assertEquals(1024, heap.allocate(1000).bytes());
    }

    @Test
    void aFullDeviceIsDescribed() {
        heap.allocate(1000);
        String message = assertThrows(BackendException.class, () -> heap.allocate(1 << 20))
                .getMessage();
        assertEquals(
                "cuda:0: no room for 1048576 bytes of test memory, which hold 65536; 983040 of 1048576 bytes of the"
                        + " device are free",
                message);
    }
}
