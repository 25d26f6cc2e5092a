/**
 * The large operations that fuse several others, one record each: its operands, their checks, and the steps it stands
 * for. {@link dev.sam2j.tensor.Ops#run} computes them in the form that the backend has. Beside them lie the layers and
 * images that are their operands.
 */
package dev.sam2j.tensor.fused;
