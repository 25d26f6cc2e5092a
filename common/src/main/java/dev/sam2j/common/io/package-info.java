/** What every module needs of files: writing them whole or not at all, and printing text that comes from strangers. */
package dev.sam2j.common.io;
