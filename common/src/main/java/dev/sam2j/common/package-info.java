/** What every module needs of the process and its user: lifetimes of what must be closed, the home and the cache folder. */
package dev.sam2j.common;
