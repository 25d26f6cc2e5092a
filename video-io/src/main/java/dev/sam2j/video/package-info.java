/** Video files as sources of frames and as results, by way of FFmpeg. */
package dev.sam2j.video;
