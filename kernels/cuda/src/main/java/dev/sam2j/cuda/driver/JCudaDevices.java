package dev.sam2j.cuda.driver;

import static dev.sam2j.cuda.driver.JCudaCalls.check;

import dev.sam2j.BackendException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.JCudaDriver;

/** The devices of this machine. */
public final class JCudaDevices {
    /** Oldest compute capability that the kernels are written for. */
    private static final int OLDEST_MAJOR = 8;

    private static final int NAME_BYTES = 256;

    private JCudaDevices() {}

    /** A device and what is known of it. */
    record Chosen(CUdevice device, CudaDriver.DeviceInfo info) {}

    /**
     * The device of a number.
     *
     * @throws BackendException if there is none, or it is too old
     */
    static Chosen choose(int index) {
        check(JCudaDriver.cuInit(0), "CUDA cannot be used");
        int[] value = new int[1];
        check(JCudaDriver.cuDeviceGetCount(value), "number of devices");
        if (index >= value[0]) {
            throw new BackendException("cuda:" + index + " cannot be used: there "
                    + (value[0] == 1 ? "is only cuda:0" : "are " + value[0] + " devices"));
        }
        CUdevice device = new CUdevice();
        check(JCudaDriver.cuDeviceGet(device, index), "device " + index);
        byte[] name = new byte[NAME_BYTES];
        check(JCudaDriver.cuDeviceGetName(name, name.length, device), "name of device " + index);
        check(JCudaDriver.cuDriverGetVersion(value), "version of the driver");
        CudaDriver.DeviceInfo info = new CudaDriver.DeviceInfo(
                index,
                text(name),
                attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR),
                attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR),
                attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT),
                attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN),
                value[0],
                "");
        if (info.major() < OLDEST_MAJOR) {
            throw new BackendException("cuda:" + index + " cannot be used: " + info.name() + " has compute capability "
                    + info.major() + "." + info.minor() + ", expected " + OLDEST_MAJOR + ".0 or more");
        }
        return new Chosen(device, info);
    }

    /**
     * All devices by number, those too old for {@link #choose} too.
     *
     * @throws BackendException if the driver fails
     */
    public static List<CudaDeviceInfo> list() {
        check(JCudaDriver.cuInit(0), "CUDA cannot be used");
        int[] count = new int[1];
        check(JCudaDriver.cuDeviceGetCount(count), "number of devices");
        List<CudaDeviceInfo> devices = new ArrayList<>();
        for (int index = 0; index < count[0]; index++) {
            CUdevice device = new CUdevice();
            check(JCudaDriver.cuDeviceGet(device, index), "device " + index);
            byte[] name = new byte[NAME_BYTES];
            check(JCudaDriver.cuDeviceGetName(name, name.length, device), "name of device " + index);
            int major = attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR);
            int minor = attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
            long[] memory = memory(device);
            devices.add(new CudaDeviceInfo(text(name), major + "." + minor, memory[1], memory[0]));
        }
        return devices;
    }

    /** Free and total bytes, which only a context tells. */
    private static long[] memory(CUdevice device) {
        CUcontext context = new CUcontext();
        check(JCudaDriver.cuDevicePrimaryCtxRetain(context, device), "context");
        try {
            check(JCudaDriver.cuCtxPushCurrent(context), "context");
            try {
                long[] free = new long[1];
                long[] total = new long[1];
                check(JCudaDriver.cuMemGetInfo(free, total), "memory of the device");
                return new long[] {free[0], total[0]};
            } finally {
                check(JCudaDriver.cuCtxPopCurrent(new CUcontext()), "context");
            }
        } finally {
            check(JCudaDriver.cuDevicePrimaryCtxRelease(device), "context");
        }
    }

    private static int attribute(CUdevice device, int which) {
        int[] value = new int[1];
        check(JCudaDriver.cuDeviceGetAttribute(value, which, device), "attribute " + which + " of the device");
        return value[0];
    }

    private static String text(byte[] terminated) {
        int length = 0;
        while (length < terminated.length && terminated[length] != 0) {
            length++;
        }
        return new String(terminated, 0, length, StandardCharsets.UTF_8);
    }
}
