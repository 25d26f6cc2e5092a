/** Reading and writing streams of frames by FFmpeg: what is damaged, turned or declared wrongly is noticed. */
package dev.sam2j.video.ffmpeg;
