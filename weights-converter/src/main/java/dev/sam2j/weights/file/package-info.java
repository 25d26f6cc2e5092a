/** Opening files of weights: their bytes, what a file is by its first bytes, and where in it each tensor lies. */
package dev.sam2j.weights.file;
