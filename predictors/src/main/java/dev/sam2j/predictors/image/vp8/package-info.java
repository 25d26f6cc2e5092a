/** Key frames of VP8 (RFC 6386), the lossy kind of WebP. */
package dev.sam2j.predictors.image.vp8;
