package dev.sam2j.cuda.driver;

import dev.sam2j.BackendException;
import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/** Error checks, and addresses as the pointer objects that JCuda wants. */
final class JCudaCalls {
    private JCudaCalls() {}

    /** Throws if a call of the driver failed; {@code what} says what it was for. */
    static void check(int result, String what) {
        if (result != CUresult.CUDA_SUCCESS) {
            throw new BackendException(what + ": " + error(result));
        }
    }

    /** CUDA's text and name of an error. */
    static String error(int result) {
        String[] text = new String[1];
        String[] name = new String[1];
        JCudaDriver.cuGetErrorString(result, text);
        JCudaDriver.cuGetErrorName(result, name);
        return (text[0] == null ? "error " + result : text[0]) + (name[0] == null ? "" : " (" + name[0] + ")");
    }

    /** Address of new device memory, or 0 if the device has no room for it. */
    static long allocate(long bytes) {
        DeviceAddress address = new DeviceAddress();
        int result = JCudaDriver.cuMemAlloc(address, bytes);
        if (result == CUresult.CUDA_ERROR_OUT_OF_MEMORY) {
            return 0;
        }
        check(result, "allocation of " + bytes + " bytes");
        return address.value();
    }

    /** A device address; also receives one from the driver. */
    static final class DeviceAddress extends CUdeviceptr {
        DeviceAddress() {}

        DeviceAddress(long address) {
            super(new CUdeviceptr(), address);
        }

        long value() {
            return getNativePointer() + getByteOffset();
        }
    }

    /** An address of the host or of the device where JCuda takes either. */
    static final class Address extends Pointer {
        Address(long address) {
            super(address);
        }
    }

    /** Page-locked memory; the driver fills in where it is. */
    static final class Pinned extends Pointer {
        long value() {
            return getNativePointer() + getByteOffset();
        }
    }
}
