"""SAM 2.1 as the transformers package has it, with random weights: a peer where there is no sam2 package."""
import contextlib

# Width of the first stage, heads of the first stage, blocks, windows, blocks of global attention, position grid.
TRUNKS = {
    "t": (96, 1, [1, 2, 7, 2], [8, 4, 14, 7], [5, 7, 9], [7, 7]),
    "s": (96, 1, [1, 2, 11, 2], [8, 4, 14, 7], [7, 10, 13], [7, 7]),
    "b+": (112, 2, [2, 3, 16, 3], [8, 4, 14, 7], [12, 16, 20], [14, 14]),
    "l": (144, 2, [2, 6, 36, 4], [8, 4, 16, 8], [23, 33, 43], [7, 7]),
}
MAPS_IN_BANK = 7
POINTERS = 16


def vision(size):
    """The image encoder's settings of a model size, as arguments of Sam2VisionConfig."""
    width, heads, blocks, windows, global_blocks, grid = TRUNKS[size]
    trunk = dict(model_type="sam2_hiera_det_model", hidden_size=width, num_attention_heads=heads,
                 blocks_per_stage=blocks, embed_dim_per_stage=[width << i for i in range(4)],
                 num_attention_heads_per_stage=[heads << i for i in range(4)], window_size_per_stage=windows,
                 global_attention_blocks=global_blocks, window_positional_embedding_background_size=grid)
    return dict(backbone_config=trunk, backbone_channel_list=[width << i for i in reversed(range(4))])


class Transformers:
    """One model size. Unlike the sam2 package's peer it is cast to bfloat16, as the package's documentation does."""

    def __init__(self, size, options):
        import torch
        import transformers
        self.torch = torch
        self.transformers = transformers
        self.version = f"{transformers.__version__}, torch {torch.__version__}"
        self.device = options.device
        self.mode = options.compile_mode
        self.settings = vision(size)
        self.dtype = torch.float32
        self.size = 1024
        torch.set_num_threads(options.threads)
        torch.manual_seed(1)

    def context(self, precision):
        if precision == "bf16":
            self.dtype = self.torch.bfloat16
        stack = contextlib.ExitStack()
        stack.enter_context(self.torch.inference_mode())
        return stack

    def prepare(self, what, compiled):
        """A function of no arguments that computes the figure's work once."""
        if what.startswith("video"):
            return self.video(int(what.partition("-")[2] or 1), compiled)
        if what.startswith("auto"):
            raise NotImplementedError("automatic masks are timed with the sam2 package only")
        return {"encoder": self.encoder, "click": self.click, "image": self.image, "memory": self.memory}[what](compiled)

    def build(self, kind):
        from transformers.models.sam2.configuration_sam2 import Sam2VisionConfig
        config = getattr(self.transformers, kind + "Config")(vision_config=Sam2VisionConfig(**self.settings).to_dict())
        model = getattr(self.transformers, kind + "Model")(config)
        return model.eval().to(self.device, self.dtype)

    def compile(self, module, compiled):
        if compiled:
            module.forward = self.torch.compile(module.forward, mode=self.mode, dynamic=False)

    def finish(self):
        if self.device == "cuda":
            self.torch.cuda.synchronize()

    def noise(self, *shape):
        return self.torch.randn(*shape, device=self.device, dtype=self.dtype)

    def masks(self, logits):
        """Thresholded masks at the picture's size in host memory."""
        scaled = self.torch.nn.functional.interpolate(
            logits.flatten(0, -4).float(), size=(self.size, self.size), mode="bilinear", align_corners=False)
        return (scaled > 0).cpu()

    def encoder(self, compiled):
        model = self.build("Sam2")
        self.compile(model.vision_encoder, compiled)
        picture = self.noise(1, 3, self.size, self.size)

        def run():
            model.get_image_embeddings(picture)
            self.finish()
        return run

    def picture_model(self, compiled):
        model = self.build("Sam2")
        self.compile(model.vision_encoder, compiled)
        self.compile(model.mask_decoder, compiled)
        point = self.torch.tensor([[[[self.size * 0.4, self.size * 0.6]]]], device=self.device, dtype=self.dtype)
        label = self.torch.ones(1, 1, 1, device=self.device, dtype=self.torch.int32)

        def answer(embeddings):
            output = model(image_embeddings=list(embeddings), input_points=point, input_labels=label,
                           multimask_output=True)
            return self.masks(output.pred_masks)
        return model, answer

    def click(self, compiled):
        model, answer = self.picture_model(compiled)
        embeddings = model.get_image_embeddings(self.noise(1, 3, self.size, self.size))
        return lambda: answer(embeddings)

    def image(self, compiled):
        """Pixels in host memory, normalised on the device, to the masks of a click."""
        model, answer = self.picture_model(compiled)
        pixels = self.torch.randint(0, 256, (self.size, self.size, 3), dtype=self.torch.uint8)
        mean = self.torch.tensor([0.485, 0.456, 0.406], device=self.device).view(1, 3, 1, 1)
        deviation = self.torch.tensor([0.229, 0.224, 0.225], device=self.device).view(1, 3, 1, 1)

        def run():
            picture = pixels.to(self.device).permute(2, 0, 1)[None].float() / 255
            answer(model.get_image_embeddings(((picture - mean) / deviation).to(self.dtype)))
        return run

    def memory(self, compiled):
        """Memory attention with a full bank."""
        model = self.build("Sam2Video")
        self.compile(model.memory_attention, compiled)
        side = self.size // 16
        pointers = POINTERS * 4
        keys = MAPS_IN_BANK * side * side + pointers
        current, position = self.noise(side * side, 1, 256), self.noise(side * side, 1, 256)
        memory, memory_position = self.noise(keys, 1, 64), self.noise(keys, 1, 64)

        def run():
            model.memory_attention(current_vision_features=current, current_vision_position_embeddings=position,
                                   memory=memory, memory_posision_embeddings=memory_position,
                                   num_object_pointer_tokens=pointers)
            self.finish()
        return run

    def video(self, objects, compiled):
        """A frame with full banks: one prompted map and six recent ones of every object."""
        from transformers.models.sam2_video.modeling_sam2_video import Sam2VideoInferenceSession
        model = self.build("Sam2Video")
        session = Sam2VideoInferenceSession(
            video_height=self.size, video_width=self.size, inference_device=self.device,
            inference_state_device=self.device, video_storage_device=self.device, dtype=self.dtype)
        frame = self.noise(1, 3, self.size, self.size)
        session.add_new_frame(frame, 0)
        for number in range(1, objects + 1):
            mask = self.torch.zeros(1, 1, self.size, self.size, device=self.device)
            mask[..., number:number + self.size // 2, number:number + self.size // 2] = 1
            session.add_mask_inputs(session.obj_id_to_idx(number), 0, mask)
        session.obj_with_new_inputs = list(range(1, objects + 1))
        model(inference_session=session, frame_idx=0)

        def run():
            output = model(inference_session=session, frame=frame)
            return self.masks(output.pred_masks)
        for _ in range(MAPS_IN_BANK - 1):
            run()
        # Only now, as every shape on the way to a full bank would be compiled for itself.
        for module in (model.vision_encoder, model.memory_attention, model.memory_encoder, model.mask_decoder):
            self.compile(module, compiled)
        return run
