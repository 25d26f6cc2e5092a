/** Options that several commands share, and what they stand for: the model, how pictures are read, the cache. */
package dev.sam2j.cli.options;
