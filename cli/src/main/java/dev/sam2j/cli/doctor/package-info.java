/** {@code sam2j doctor}: what this machine can do, and what is missing. */
package dev.sam2j.cli.doctor;
