/** {@code sam2j auto}: masks of everything in a picture or in each picture of a folder, and which are finished. */
package dev.sam2j.cli.auto;
