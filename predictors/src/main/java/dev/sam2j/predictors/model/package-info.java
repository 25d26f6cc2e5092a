/** What a loaded model is made of, and how pictures and prompts become its inputs. */
package dev.sam2j.predictors.model;
