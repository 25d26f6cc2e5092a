/** The report of a training run: one HTML page with curves, settings and pictures. */
package dev.sam2j.training.report;
