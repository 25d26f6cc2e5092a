/** {@code sam2j vos} and {@code sam2j eval}: the protocol of semi-supervised video object segmentation and its scores. */
package dev.sam2j.cli.vos;
