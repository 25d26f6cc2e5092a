/**
 * How the command speaks: results on stdout, messages and progress on stderr, escaped where a terminal would obey, and
 * one sentence with an exit code for whatever goes wrong.
 */
package dev.sam2j.cli.terminal;
