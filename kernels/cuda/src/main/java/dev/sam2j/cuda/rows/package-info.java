/** Operations on the rows of a matrix, each element or each row on its own. */
package dev.sam2j.cuda.rows;
