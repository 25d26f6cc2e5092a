/**
 * From features and prompts to masks: clicks, boxes and coarse masks are encoded, a transformer lets prompts and picture
 * attend to each other, and the decoder draws masks with scores.
 */
package dev.sam2j.heads;
