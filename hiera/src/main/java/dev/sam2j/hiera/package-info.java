/**
 * The image encoder: patches of the picture pass the stages of the Hiera trunk, each of blocks with windowed or global
 * attention, and the neck makes a pyramid of three feature maps of them.
 */
package dev.sam2j.hiera;
