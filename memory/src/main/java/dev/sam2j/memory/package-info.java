/**
 * What a video remembers of an object: masks are encoded to memories and pointers, and memory attention conditions the
 * features of a frame on those that are chosen.
 */
package dev.sam2j.memory;
