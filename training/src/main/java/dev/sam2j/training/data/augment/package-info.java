/** Changes of pictures together with the masks of their objects. */
package dev.sam2j.training.data.augment;
