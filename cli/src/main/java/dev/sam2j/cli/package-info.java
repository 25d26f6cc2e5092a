/**
 * The {@code sam2j} command: its entry point, the tree of its commands (a room for each group of them) and a home for
 * users that the system does not know.
 */
package dev.sam2j.cli;
