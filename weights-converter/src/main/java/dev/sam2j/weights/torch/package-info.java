/** Files of {@code torch.save}: the zip archive, the restricted unpickler, and the state dictionary that it finds. */
package dev.sam2j.weights.torch;
