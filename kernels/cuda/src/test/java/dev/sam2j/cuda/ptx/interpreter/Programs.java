package dev.sam2j.cuda.ptx.interpreter;

/** Small correct kernels for the tests of the interpreter. */
final class Programs {
    private static final String HEADER = ".version 7.0\n.target sm_80\n.address_size 64\n";

    private Programs() {}

    /** out[i] = a[i] + b[i] for i below n, four elements per thread where all four exist. */
    static final String ADD = HEADER + """
            .visible .entry add(.param .u64 a, .param .u64 b, .param .u64 out, .param .u32 n)
            {
                .reg .pred %p<3>; .reg .b32 %r<8>; .reg .f32 %f<12>; .reg .b64 %rd<8>;
                ld.param.u64 %rd0, [a];
                ld.param.u64 %rd1, [b];
                ld.param.u64 %rd2, [out];
                ld.param.u32 %r0, [n];
                mov.u32 %r1, %ctaid.x; mov.u32 %r2, %ntid.x; mov.u32 %r3, %tid.x;
                mad.lo.s32 %r4, %r1, %r2, %r3;
                shl.b32 %r4, %r4, 2;
                setp.ge.s32 %p0, %r4, %r0;
                @%p0 bra DONE;
                mul.wide.s32 %rd3, %r4, 4;
                add.s64 %rd0, %rd0, %rd3;
                add.s64 %rd1, %rd1, %rd3;
                add.s64 %rd2, %rd2, %rd3;
                add.s32 %r5, %r4, 3;
                setp.lt.s32 %p1, %r5, %r0;
                @!%p1 bra TAIL;
                ld.global.v4.f32 {%f0, %f1, %f2, %f3}, [%rd0];
                ld.global.v4.f32 {%f4, %f5, %f6, %f7}, [%rd1];
                add.f32 %f0, %f0, %f4; add.f32 %f1, %f1, %f5; add.f32 %f2, %f2, %f6; add.f32 %f3, %f3, %f7;
                st.global.v4.f32 [%rd2], {%f0, %f1, %f2, %f3};
                bra DONE;
            TAIL:
                ld.global.f32 %f8, [%rd0];
                ld.global.f32 %f9, [%rd1];
                add.f32 %f8, %f8, %f9;
                st.global.f32 [%rd2], %f8;
                add.s64 %rd0, %rd0, 4; add.s64 %rd1, %rd1, 4; add.s64 %rd2, %rd2, 4;
                add.s32 %r4, %r4, 1;
                setp.lt.s32 %p2, %r4, %r0;
                @%p2 bra TAIL;
            DONE:
                ret;
            }
            """;

    /** out[0] = sum of in[0..127]: warp shuffles, one value per warp in shared memory, the first warp adds. */
    static final String SUM = HEADER + """
            .visible .entry sum(.param .u64 in, .param .u64 out)
            {
                .reg .pred %p<3>; .reg .b32 %r<8>; .reg .f32 %f<4>; .reg .b64 %rd<4>;
                .shared .align 16 .b8 partial[16];
                ld.param.u64 %rd0, [in];
                mov.u32 %r0, %tid.x;
                mul.wide.u32 %rd1, %r0, 4;
                add.s64 %rd0, %rd0, %rd1;
                ld.global.nc.f32 %f0, [%rd0];
                mov.u32 %r1, 16;
            LOOP:
                shfl.sync.bfly.b32 %f1, %f0, %r1, 0x1f, 0xffffffff;
                add.f32 %f0, %f0, %f1;
                shr.u32 %r1, %r1, 1;
                setp.ne.s32 %p0, %r1, 0;
                @%p0 bra LOOP;
                and.b32 %r2, %r0, 31;
                shr.u32 %r3, %r0, 5;
                shl.b32 %r4, %r3, 2;
                mov.u32 %r5, partial;
                add.s32 %r5, %r5, %r4;
                setp.eq.s32 %p1, %r2, 0;
                @%p1 st.shared.f32 [%r5], %f0;
                bar.sync 0;
                setp.ne.s32 %p2, %r0, 0;
                @%p2 bra END;
                ld.shared.v2.f32 {%f0, %f1}, [partial];
                ld.shared.v2.f32 {%f2, %f3}, [partial+8];
                add.f32 %f0, %f0, %f1; add.f32 %f2, %f2, %f3; add.f32 %f0, %f0, %f2;
                ld.param.u64 %rd2, [out];
                st.global.f32 [%rd2], %f0;
            END:
                ret;
            }
            """;

    /** out (16, 8) = a (16, 16) b (16, 8), bf16 in, float32 out, one warp; both copied to shared memory by cp.async. */
    static final String PRODUCT = HEADER + """
            .visible .entry product(.param .u64 a, .param .u64 b, .param .u64 out)
            {
                .reg .pred %p<3>; .reg .b32 %r<20>; .reg .f32 %f<4>; .reg .b64 %rd<8>;
                .shared .align 16 .b8 tile[768];
                ld.param.u64 %rd0, [a];
                ld.param.u64 %rd1, [b];
                mov.u32 %r0, %tid.x;
                mul.wide.u32 %rd2, %r0, 16;
                add.s64 %rd0, %rd0, %rd2;
                add.s64 %rd1, %rd1, %rd2;
                mov.u32 %r1, tile;
                shl.b32 %r2, %r0, 4;
                add.s32 %r3, %r1, %r2;
                cp.async.cg.shared.global [%r3], [%rd0], 16;
                cp.async.commit_group;
                setp.lt.u32 %p0, %r0, 16;
                @%p0 cp.async.ca.shared.global [%r3+512], [%rd1], 16;
                cp.async.commit_group;
                cp.async.wait_group 0;
                bar.warp.sync 0xffffffff;
                // a: rows 0-15 at 32 bytes, lanes 16-31 address the right half
                and.b32 %r4, %r0, 15;
                shl.b32 %r5, %r4, 5;
                and.b32 %r6, %r0, 16;
                add.s32 %r5, %r5, %r6;
                add.s32 %r5, %r5, %r1;
                ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%r8, %r9, %r10, %r11}, [%r5];
                // b: row k at 16 bytes, transposed on load
                shl.b32 %r7, %r4, 4;
                add.s32 %r7, %r7, %r1;
                ldmatrix.sync.aligned.m8n8.x2.trans.shared.b16 {%r12, %r13}, [%r7+512];
                mov.f32 %f0, 0f00000000; mov.f32 %f1, %f0; mov.f32 %f2, %f0; mov.f32 %f3, %f0;
                mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32
                    {%f0, %f1, %f2, %f3}, {%r8, %r9, %r10, %r11}, {%r12, %r13}, {%f0, %f1, %f2, %f3};
                ld.param.u64 %rd3, [out];
                mul.wide.u32 %rd4, %r0, 8;
                add.s64 %rd3, %rd3, %rd4;
                st.global.v2.f32 [%rd3], {%f0, %f1};
                st.global.v2.f32 [%rd3+256], {%f2, %f3};
                ret;
            }
            """;

    /**
     * out[i] = number of halvings and 3n+1 steps that bring i + 1 to 1; every lane loops a different number of times.
     */
    static final String STEPS = HEADER + """
            .visible .entry steps(.param .u64 out)
            {
                .reg .pred %p<3>; .reg .b32 %r<6>; .reg .b64 %rd<3>;
                mov.u32 %r0, %tid.x;
                add.s32 %r1, %r0, 1;
                mov.u32 %r2, 0;
            LOOP:
                setp.eq.s32 %p0, %r1, 1;
                @%p0 bra DONE;
                add.s32 %r2, %r2, 1;
                and.b32 %r3, %r1, 1;
                setp.eq.s32 %p1, %r3, 0;
                @%p1 bra EVEN;
                mad.lo.s32 %r1, %r1, 3, 1;
                bra LOOP;
            EVEN:
                shr.u32 %r1, %r1, 1;
                bra LOOP;
            DONE:
                bar.warp.sync 0xffffffff;
                ld.param.u64 %rd0, [out];
                mul.wide.u32 %rd1, %r0, 4;
                add.s64 %rd0, %rd0, %rd1;
                st.global.u32 [%rd0], %r2;
                ret;
            }
            """;
}
