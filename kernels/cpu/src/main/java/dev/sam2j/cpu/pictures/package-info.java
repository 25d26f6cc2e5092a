/**
 * Operations on the pixels of pictures and maps: resizing, pooling, depthwise convolution, masks by threshold.
 */
package dev.sam2j.cpu.pictures;
