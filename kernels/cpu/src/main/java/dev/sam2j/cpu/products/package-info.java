/**
 * Matrix products with packed weights: blocks and panels, register tiles, what is applied to a tile while it is hot,
 * and the convolutions and MLPs that are such products.
 */
package dev.sam2j.cpu.products;
