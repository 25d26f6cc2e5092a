/** Pictures that FFmpeg reads: HEIF, AVIF and JPEG 2000. */
package dev.sam2j.video.still;
