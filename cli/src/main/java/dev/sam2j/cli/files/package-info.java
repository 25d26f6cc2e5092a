/**
 * What commands read and write in common: input files that may be anything, JSON, folders of results that appear
 * complete or not at all, and the formats of masks.
 */
package dev.sam2j.cli.files;
