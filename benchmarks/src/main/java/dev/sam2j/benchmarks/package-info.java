/** JMH benchmarks of kernels and layers, and programs that time whole runs: encoder, clicks, automatic masks, videos. */
package dev.sam2j.benchmarks;
