/**
 * The {@code sam2j} command: its entry point and the tree of its commands, which have a room for each group.
 */
package dev.sam2j.cli;
