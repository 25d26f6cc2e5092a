package dev.sam2j.cpu.x86;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Array;
import java.util.Arrays;
import java.util.Optional;

/**
 * Makes functions of machine code, by the foreign function interface of Java 22 and later. Its classes are found by
 * name, since this one is compiled for older versions, too; they appear in no type outside.
 *
 * <p>Code lies in pages of its own, which are written first and executable afterwards, never both, and stay for the
 * life of the process.
 */
public final class NativeCode {
    private static final int FIRST_VERSION = 22;
    private static final long PAGE = 4096;
    // From <sys/mman.h> of Linux.
    private static final long PROT_READ_WRITE = 3;
    private static final long PROT_READ_EXECUTE = 5;
    private static final long MAP_PRIVATE_ANONYMOUS = 0x22;

    private final MethodHandles.Lookup lookup = MethodHandles.lookup();
    private final Class<?> segment = foreign("MemorySegment");
    private final Class<?> layout = foreign("MemoryLayout");
    private final Class<?> descriptor = foreign("FunctionDescriptor");
    private final Class<?> linkerType = foreign("Linker");
    private final Class<?> option = foreign("Linker$Option");
    private final Object linker;

    /**
     * Finds the interface.
     *
     * @throws ReflectiveOperationException if this version of Java lacks a part of it
     */
    public NativeCode() throws ReflectiveOperationException {
        linker = linkerType.getMethod("nativeLinker").invoke(null);
    }

    /** Why this process cannot run machine code at all, or null. */
    public static String unavailableReason() {
        int version = Runtime.version().feature();
        if (version < FIRST_VERSION) {
            return "it needs Java " + FIRST_VERSION + " or newer, this is " + version;
        }
        String system = System.getProperty("os.name");
        String processor = System.getProperty("os.arch");
        if (!system.equals("Linux") || !processor.equals("amd64")) {
            return "it needs Linux on x86-64, this is " + system + " on " + processor;
        }
        return null;
    }

    /**
     * Makes a function.
     *
     * @param code position-independent code that obeys the System V calling convention and takes {@code pointers}
     *     addresses of floats and then {@code numbers} integers of 64 bits
     * @return (float[] array, int index) for each address, then the integers as {@code long}; arrays do not move
     *     while it runs, so it should return soon
     * @throws Throwable if the system does not let this process execute what it has written, or as {@link
     *     MethodHandle#invoke}
     */
    public MethodHandle function(byte[] code, int pointers, int numbers) throws Throwable {
        Object[] layouts = new Object[pointers + numbers];
        Arrays.fill(layouts, 0, pointers, valueLayout("ADDRESS"));
        Arrays.fill(layouts, pointers, layouts.length, valueLayout("JAVA_LONG"));
        Object critical = option.getMethod("critical", boolean.class).invoke(null, true);
        MethodHandle function = downcall(executable(code), null, layouts, critical);
        MethodHandle element = element();
        for (int i = pointers - 1; i >= 0; i--) {
            function = MethodHandles.collectArguments(function, i, element);
        }
        return function;
    }

    /** (float[] array, int index) to the segment that begins with that element. */
    private MethodHandle element() throws ReflectiveOperationException {
        MethodHandle ofArray = lookup.findStatic(segment, "ofArray", MethodType.methodType(segment, float[].class));
        MethodHandle slice = lookup.findVirtual(segment, "asSlice", MethodType.methodType(segment, long.class));
        MethodHandle bytes = lookup.findStatic(NativeCode.class, "bytes", MethodType.methodType(long.class, int.class));
        return MethodHandles.filterArguments(slice, 0, ofArray, bytes);
    }

    private static long bytes(int floats) {
        return (long) floats * Float.BYTES;
    }

    /** Copies code to memory of its own and makes that executable. */
    private Object executable(byte[] code) throws Throwable {
        long size = (code.length + PAGE - 1) / PAGE * PAGE;
        long start = (long) call("mmap", 0L, size, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1L, 0L);
        if (start == -1) {
            throw new IllegalStateException("the system gives no memory for code");
        }
        Object address = segment.getMethod("ofAddress", long.class).invoke(null, start);
        Object memory = segment.getMethod("reinterpret", long.class).invoke(address, size);
        Object bytes = segment.getMethod("ofArray", byte[].class).invoke(null, (Object) code);
        segment.getMethod("copyFrom", segment).invoke(memory, bytes);
        if ((long) call("mprotect", start, size, PROT_READ_EXECUTE, 0L, 0L, 0L) << 32 != 0) {
            throw new IllegalStateException("the system does not let this process execute what it has written");
        }
        return memory;
    }

    /**
     * Calls a function of the C library with up to six arguments that fit registers. Those beyond its own do no harm,
     * as the calling convention leaves them to the caller; all calls share one signature, since linking each takes
     * long.
     */
    private Object call(String name, Object... arguments) throws Throwable {
        Object number = valueLayout("JAVA_LONG");
        Object[] layouts = new Object[arguments.length];
        Arrays.fill(layouts, number);
        return downcall(symbol(name), number, layouts).invokeWithArguments(arguments);
    }

    private Object symbol(String name) throws ReflectiveOperationException {
        Object symbols = linkerType.getMethod("defaultLookup").invoke(linker);
        Optional<?> found = (Optional<?>)
                foreign("SymbolLookup").getMethod("find", String.class).invoke(symbols, name);
        return found.orElseThrow(() -> new IllegalStateException("the C library has no " + name));
    }

    /** A handle on the function at an address; {@code result} may be null for none. */
    private MethodHandle downcall(Object at, Object result, Object[] arguments, Object... options)
            throws ReflectiveOperationException {
        Object parameters = array(layout, arguments);
        Class<?> layouts = parameters.getClass();
        Object type = result == null
                ? descriptor.getMethod("ofVoid", layouts).invoke(null, parameters)
                : descriptor.getMethod("of", layout, layouts).invoke(null, result, parameters);
        Object wishes = array(option, options);
        return (MethodHandle) linkerType
                .getMethod("downcallHandle", segment, descriptor, wishes.getClass())
                .invoke(linker, at, type, wishes);
    }

    private static Object array(Class<?> type, Object... elements) {
        Object array = Array.newInstance(type, elements.length);
        for (int i = 0; i < elements.length; i++) {
            Array.set(array, i, elements[i]);
        }
        return array;
    }

    private static Object valueLayout(String name) throws ReflectiveOperationException {
        return foreign("ValueLayout").getField(name).get(null);
    }

    private static Class<?> foreign(String name) throws ClassNotFoundException {
        return Class.forName("java.lang.foreign." + name);
    }
}
