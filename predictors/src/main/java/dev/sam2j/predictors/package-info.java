/** Models and what they answer: a {@link dev.sam2j.predictors.Sam2Model} is loaded once and makes predictors. */
package dev.sam2j.predictors;
