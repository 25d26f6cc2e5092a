/** What training optimises: prompts of simulated users and the losses of the masks predicted for them. */
package dev.sam2j.training.objective;
