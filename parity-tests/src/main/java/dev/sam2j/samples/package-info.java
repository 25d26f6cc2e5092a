/** Draws scenes of shapes, of which pictures and videos for tests and samples are made. */
package dev.sam2j.samples;
