package dev.sam2j.cpu.training;

import static dev.sam2j.cpu.runtime.CpuStorage.rows;

import dev.sam2j.cpu.runtime.Rows;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.tensor.training.AdamStep;

/** A step of AdamW. */
final class AdamW {
    private AdamW() {}

    static void run(Tensor weight, Tensor gradient, Tensor mean, Tensor square, AdamStep step) {
        Rows w = rows(weight);
        Rows g = rows(gradient);
        Rows m = rows(mean);
        Rows v = rows(square);
        float keep = (float) (1 - step.rate() * step.weightDecay());
        float rate = (float) (step.rate() / (1 - Math.pow(step.beta1(), step.step())));
        float root = (float) (1 / Math.sqrt(1 - Math.pow(step.beta2(), step.step())));
        float scale = (float) step.gradientScale();
        float beta1 = (float) step.beta1();
        float beta2 = (float) step.beta2();
        float rest1 = (float) (1 - step.beta1());
        float rest2 = (float) (1 - step.beta2());
        float eps = (float) step.eps();
        for (int r = 0; r < weight.rows(); r++) {
            for (int c = 0; c < weight.cols(); c++) {
                float gc = g.data()[g.at(r) + c] * scale;
                float mc = beta1 * m.data()[m.at(r) + c] + rest1 * gc;
                float vc = beta2 * v.data()[v.at(r) + c] + rest2 * gc * gc;
                m.data()[m.at(r) + c] = mc;
                v.data()[v.at(r) + c] = vc;
                float step1 = rate * mc / ((float) Math.sqrt(vc) * root + eps);
                w.data()[w.at(r) + c] = w.data()[w.at(r) + c] * keep - step1;
            }
        }
    }
}
