/** Operations on pictures, maps and masks that are not matrix products. */
package dev.sam2j.cuda.pictures;
