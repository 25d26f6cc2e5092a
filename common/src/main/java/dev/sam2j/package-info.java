/** What users of every module meet: the ancestor of all exceptions of this library, and number formats. */
package dev.sam2j;
