/** {@code sam2j track}: objects through a video, prompted by options or by a file of steps. */
package dev.sam2j.cli.track;
