/**
 * Model configurations: records that mirror the reference's YAML key by key, the files that come with the library, and a
 * reader that trusts no file and names line and key of every fault.
 */
package dev.sam2j.configs;
