/** One file over HTTP, continued where an earlier attempt ended. */
package dev.sam2j.weights.download;
