package dev.sam2j.training.model;

import dev.sam2j.configs.Sam2Config;
import dev.sam2j.hiera.StageFeatures;
import dev.sam2j.tensor.Tensor;
import dev.sam2j.training.grad.Composed;
import dev.sam2j.training.grad.GradOps;
import dev.sam2j.training.grad.ParameterStore;
import dev.sam2j.training.grad.Tape;
import dev.sam2j.training.grad.Var;
import java.util.List;

/**
 * SAM 2 with a frozen picture encoder and a trainable prompt encoder and mask decoder: what a prediction step computes.
 * {@code no_mem_embed}, {@code conv_s0} and {@code conv_s1} belong to what is trained.
 */
public final class TrainableSam2 {
    private final Sam2Config config;
    private final ParameterStore store;
    private final TrainablePromptEncoder promptEncoder;
    private final TrainableMaskDecoder maskDecoder;
    private final Var noMemory;
    private final Linear lateral0;
    private final Linear lateral1;
    private final Linear convS0;
    private final Linear convS1;

    /**
     * The model whose weights are in {@code store}.
     *
     * @throws dev.sam2j.WeightsException if one is missing or misshapen
     */
    public TrainableSam2(ParameterStore store, Sam2Config config) {
        this.config = config;
        this.store = store;
        ParameterStore.Path root = store.root();
        int channels = config.hiddenDim();
        this.promptEncoder = new TrainablePromptEncoder(root.at("sam_prompt_encoder"), config);
        this.maskDecoder = new TrainableMaskDecoder(root.at("sam_mask_decoder"), config);
        this.noMemory = root.vector("no_mem_embed", 1, 1, channels).var();
        List<Integer> widths = config.imageEncoder().neck().backboneChannelList(); // deepest first
        ParameterStore.Path laterals = root.at("image_encoder.neck.convs");
        this.lateral0 = Linear.convolution(laterals.at(3).at("conv"), widths.get(3), channels, 1);
        this.lateral1 = Linear.convolution(laterals.at(2).at("conv"), widths.get(2), channels, 1);
        ParameterStore.Path decoder = root.at("sam_mask_decoder");
        this.convS0 = Linear.convolution(decoder.at("conv_s0"), channels, channels / 8, 1);
        this.convS1 = Linear.convolution(decoder.at("conv_s1"), channels, channels / 4, 1);
    }

    /** The configuration. */
    public Sam2Config config() {
        return config;
    }

    /** The weights. */
    public ParameterStore parameters() {
        return store;
    }

    /** Composes what makes high-resolution features, once for all pictures of a step. */
    public HighResolution highResolution(Tape tape) {
        return new HighResolution(
                Composed.of(tape, convS0.weight(), convS0.bias(), lateral0.weight(), lateral0.bias()),
                Composed.of(tape, convS1.weight(), convS1.bias(), lateral1.weight(), lateral1.bias()));
    }

    /** Prepares a picture for the prompts about its objects. */
    public PictureVars picture(Tape tape, HighResolution layers, StageFeatures features) {
        GradOps ops = new GradOps(tape);
        Tensor embedding = features.embedding();
        Var image = Var.constant(embedding.reshape(1, embedding.dim(1) * embedding.dim(2), embedding.cols()));
        return new PictureVars(
                ops.add(image, noMemory),
                highRes(ops, layers.level0(), features.stage0()),
                highRes(ops, layers.level1(), features.stage1()));
    }

    private static Var highRes(GradOps ops, Composed layer, Tensor stage) {
        return ops.linear(Var.constant(stage), layer, layer.bias());
    }

    /**
     * One prediction step for N objects of a picture.
     *
     * @param points all prompts so far; up to one point of an object is answered by three masks, more by one
     * @param previous logits of the mask chosen in the step before, (N, h*w rows of 1), or null in the first step
     */
    public Prediction predict(Tape tape, PictureVars picture, Points points, Var previous) {
        GradOps ops = new GradOps(tape);
        Var image;
        if (previous == null) {
            image = ops.add(picture.image(), promptEncoder.noMask());
        } else {
            int side = config.lowResMaskSize();
            Var dense = promptEncoder.mask(ops, previous.reshape(points.objects(), side, side, 1));
            image = ops.add(dense, picture.image());
        }
        return maskDecoder.forward(
                ops,
                image,
                picture.highRes0(),
                picture.highRes1(),
                promptEncoder.points(ops, points),
                promptEncoder.gridPositions(),
                points.perObject() <= config.multimaskMaxPtNum());
    }
}
