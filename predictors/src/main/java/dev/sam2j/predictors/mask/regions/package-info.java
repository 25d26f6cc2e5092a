/** Connected regions of masks: components, holes and islands, growing and shrinking. */
package dev.sam2j.predictors.mask.regions;
