/**
 * What the operations share on one device: memory, streams, copies from and to the host, recordings, and the launch of
 * kernels.
 */
package dev.sam2j.cuda.device;
