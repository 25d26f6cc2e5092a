/** How backends are found, chosen and opened: each kind of device brings a {@code BackendProvider}. */
package dev.sam2j.tensor.provider;
