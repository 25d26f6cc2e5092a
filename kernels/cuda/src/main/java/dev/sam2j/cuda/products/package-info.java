/** Operations that are matrix products, their epilogues, and the kernels that run where cuBLAS is not best. */
package dev.sam2j.cuda.products;
