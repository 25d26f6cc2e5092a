package dev.sam2j.cpu.x86;

import static dev.sam2j.cpu.x86.Assembler.Register.R10;
import static dev.sam2j.cpu.x86.Assembler.Register.R11;
import static dev.sam2j.cpu.x86.Assembler.Register.R12;
import static dev.sam2j.cpu.x86.Assembler.Register.R13;
import static dev.sam2j.cpu.x86.Assembler.Register.R14;
import static dev.sam2j.cpu.x86.Assembler.Register.R15;
import static dev.sam2j.cpu.x86.Assembler.Register.R8;
import static dev.sam2j.cpu.x86.Assembler.Register.RAX;
import static dev.sam2j.cpu.x86.Assembler.Register.RBP;
import static dev.sam2j.cpu.x86.Assembler.Register.RBX;
import static dev.sam2j.cpu.x86.Assembler.Register.RCX;
import static dev.sam2j.cpu.x86.Assembler.Register.RDX;
import static dev.sam2j.cpu.x86.Assembler.Register.RSI;
import static dev.sam2j.cpu.x86.Assembler.Register.RSP;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HexFormat;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Instructions against the bytes that GNU as 2.40 makes of them, displacements forced to 32 bits. */
class AssemblerTest {
    private static void check(String bytes, String instruction, Consumer<Assembler> writer) {
        Assembler assembler = new Assembler();
        writer.accept(assembler);
        assertEquals(bytes, HexFormat.of().formatHex(assembler.toByteArray()), instruction);
    }

    @Test
    void vectorsMoveToAndFromMemory() {
        check("62f17c48108600000000", "vmovups zmm0, [rsi]", a -> a.load(0, RSI, 0));
        check("62617c48108b40000000", "vmovups zmm25, [rbx + 64]", a -> a.load(25, RBX, 64));
        check("62517c48108c2434120000", "vmovups zmm9, [r12 + 0x1234]", a -> a.load(9, R12, 0x1234));
        check("62c17c48108dc0ffffff", "vmovups zmm17, [r13 - 64]", a -> a.load(17, R13, -64));
        check("62f17c48118100000000", "vmovups [rcx], zmm0", a -> a.store(RCX, 0, 0));
        check("62617c4811bc2480000000", "vmovups [rsp + 128], zmm31", a -> a.store(RSP, 128, 31));
        check("62517c4811b340000000", "vmovups [r11 + 64], zmm14", a -> a.store(R11, 64, 14));
        check("62627d485890c0650000", "vpbroadcastd zmm26, [rax + 26048]", a -> a.broadcast(26, RAX, 26048));
        check("62d27d4858bf04000000", "vpbroadcastd zmm7, [r15 + 4]", a -> a.broadcast(7, R15, 4));
    }

    @Test
    void vectorsMeetEachOther() {
        check("62923e4052c2", "vdpbf16ps zmm0, zmm24, zmm26", a -> a.dotBf16(0, 24, 26));
        check("6282364052ff", "vdpbf16ps zmm23, zmm25, zmm31", a -> a.dotBf16(23, 25, 31));
        check("6252464852f8", "vdpbf16ps zmm15, zmm7, zmm8", a -> a.dotBf16(15, 7, 8));
        check("62e2764052c3", "vdpbf16ps zmm16, zmm17, zmm3", a -> a.dotBf16(16, 17, 3));
        check("c5f877", "vzeroupper", Assembler::clearUpper);
    }

    @Test
    void generalRegisters() {
        check("4889d0", "mov rax, rdx", a -> a.move(RAX, RDX));
        check("4d89c2", "mov r10, r8", a -> a.move(R10, R8));
        check("4c89f3", "mov rbx, r14", a -> a.move(RBX, R14));
        check("4c01e6", "add rsi, r12", a -> a.add(RSI, R12));
        check("4901c5", "add r13, rax", a -> a.add(R13, RAX));
        check("4881c180000000", "add rcx, 128", a -> a.add(RCX, 128));
        check("4981c380000000", "add r11, 128", a -> a.add(R11, 128));
        check("49ffca", "dec r10", a -> a.decrement(R10));
        check("48ffc9", "dec rcx", a -> a.decrement(RCX));
    }

    @Test
    void stackAndControl() {
        check("4c8b642428", "mov r12, [rsp + 40]", a -> a.loadFromStack(R12, 40));
        check("488b6c2408", "mov rbp, [rsp + 8]", a -> a.loadFromStack(RBP, 8));
        check("53", "push rbx", a -> a.push(RBX));
        check("4154", "push r12", a -> a.push(R12));
        check("415e", "pop r14", a -> a.pop(R14));
        check("5b", "pop rbx", a -> a.pop(RBX));
        check("c3", "ret", Assembler::returnToCaller);
        check("49ffca0f85f7ffffff", "dec r10; jnz to it", a -> {
            int start = a.here();
            a.decrement(R10);
            a.jumpIfNotZero(start);
        });
    }
}
