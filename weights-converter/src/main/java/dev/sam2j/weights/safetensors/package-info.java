/** Safetensors files, read and written. */
package dev.sam2j.weights.safetensors;
