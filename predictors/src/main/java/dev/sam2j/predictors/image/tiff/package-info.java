/** TIFF files: directories, compressions and colours, as scanners, microscopes and maps write them. */
package dev.sam2j.predictors.image.tiff;
