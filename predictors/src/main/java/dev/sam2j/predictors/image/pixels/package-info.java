/** What is inside the common picture files: their structure is walked and checked before a decoder sees any pixels. */
package dev.sam2j.predictors.image.pixels;
