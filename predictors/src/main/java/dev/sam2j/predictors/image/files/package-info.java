/** Picture files of every kind, folders of them and pages in them. Files may be broken or hostile. */
package dev.sam2j.predictors.image.files;
