/** {@code sam2j segment}: masks of prompted objects in a picture or in each picture of a folder. */
package dev.sam2j.cli.segment;
