/** What both backends need on the host: half-precision numbers, and filling the holes of masks. */
package dev.sam2j.tensor.host;
