/** Data sets in the format of COCO: written as their annotations come, and joined. */
package dev.sam2j.predictors.mask.coco;
