package dev.sam2j.training.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class LearningRatesTest {
    @Test
    void fallsAlongACosineAsThePublicRecipe() {
        LearningRates rates = new LearningRates(1e-4, 5, 0);
        // recorded of the public code for five steps
        double[] recorded = {
            1e-4, 9.140576474687264e-05, 6.890576474687263e-05, 4.109423525312738e-05, 1.8594235253127375e-05
        };
        for (int step = 0; step < recorded.length; step++) {
            assertEquals(recorded[step], rates.at(step), 1e-12);
        }
    }

    @Test
    void risesFirst() {
        LearningRates rates = new LearningRates(1, 100, 0.1);
        assertEquals(1.0 / 11, rates.at(0), 1e-12);
        assertEquals(10.0 / 11, rates.at(9), 1e-12);
        assertEquals(1, rates.at(10), 1e-12);
        assertEquals(0.55, rates.at(55), 1e-12);
        assertEquals(0.1, rates.at(99), 1e-3);
        assertEquals(1, new LearningRates(1, 1, 1).at(0) * 2, 1e-12);
    }
}
