"""Records tiny tensors of the reference implementation, which layer tests compare with; see README.md beside this file.

    python record.py CHECKOUT_OF_SAM2 [REPOSITORY]
"""

import gzip
import importlib
import re
import sys
import types
from pathlib import Path

import torch
import yaml
from safetensors.torch import save

HERE = Path(__file__).resolve().parent
SMALL = 2.0**-6  # of what runs from layer to layer, so that a norm's epsilon matters


def reference(checkout):
    """Makes the reference's modules importable without what they do not need here."""
    package = types.ModuleType("sam2")
    package.__path__ = [str(Path(checkout) / "sam2")]  # its __init__ would start Hydra
    sys.modules["sam2"] = package
    for name, attribute in (("iopath.common.file_io", "g_pathmgr"), ("PIL", "Image"), ("tqdm", "tqdm")):
        parts = name.split(".")
        for i in range(1, len(parts) + 1):
            sys.modules.setdefault(".".join(parts[:i]), types.ModuleType(parts[i - 1]))
        setattr(sys.modules[name], attribute, None)


def built(node):
    """What a node of the YAML stands for."""
    if isinstance(node, list):
        return [built(entry) for entry in node]
    if not isinstance(node, dict):
        return node
    arguments = {key: built(value) for key, value in node.items() if key != "_target_"}
    if "_target_" not in node:
        return arguments
    module, name = node["_target_"].rsplit(".", 1)
    return getattr(importlib.import_module(module), name)(**arguments)


# ---------------------------------------------------------------------------------------------------------------------
# Weights: multiples of a power of two from -7 to 7, which every type holds exactly and gzip packs well.

PRODUCERS = [  # of small values
    r"trunk\.pos_embed", r"patch_embed\.proj", r"blocks\.\d+\.(attn\.)?proj\.", r"blocks\.\d+\.mlp\.layers\.1",
    r"mask_downscaling\.[03]\.", r"(?<!memory_encoder\.)out_proj\.", r"transformer\.layers\.\d\.mlp\.layers\.1",
    r"transformer\.layers\.\d\.norm", r"output_upscaling\.0\.bias", r"memory_attention\.layers\.\d\.linear2",
    r"mask_downsampler\.encoder\.[0369]\.", r"dwconv",
]
CONSUMERS = [  # of small values
    r"neck\.convs.*weight", r"transformer\.layers\.\d\.mlp\.layers\.0\.weight",
    r"sam_mask_decoder.*(?<!layers\.0\.self_attn)\.v_proj\.weight",
]
NORMS = re.compile(r"norm\d?(_final_attn)?\.weight|mask_downscaling\.[14]\.weight|output_upscaling\.1\.weight"
                   r"|encoder\.(1|4|7|10)\.weight")


def steps(generator, shape):
    return torch.randint(-7, 8, tuple(shape), generator=generator).float()


def randomised(model, generator):
    for name, parameter in sorted(model.state_dict().items()):
        values = steps(generator, parameter.shape)
        if NORMS.search(name):
            values = 1 + values / 16
        elif name.endswith(".bias") and parameter.ndim == 1:
            values = values / 32
        elif parameter.ndim >= 2 and not re.search(r"(?<!patch)_embed|tokens?\.|tpos_enc|gaussian|no_obj", name):
            fan_in = parameter[0].numel()
            values = values * 2.0 ** torch.round(-torch.log2(4.3 * torch.tensor(float(fan_in)).sqrt()))
        else:
            values = values / 8
        if any(re.search(pattern, name) for pattern in PRODUCERS):
            values = values * SMALL
        if any(re.search(pattern, name) for pattern in CONSUMERS):
            values = values / SMALL
        with torch.no_grad():
            parameter.copy_(values)
    return model.eval()


def last(x):
    """(B, C, H, W) to (B, H, W, C)."""
    return x.permute(0, 2, 3, 1)


class Recorder:
    """Inputs and outputs of layers; inputs are multiples of 1/8."""

    def __init__(self, seed):
        self.tensors = {}
        self.generator = torch.Generator().manual_seed(seed)

    def input(self, name, *shape, scale=1.0):
        return self.output(name, torch.round(8 * torch.randn(shape, generator=self.generator)) / 8 * scale)

    def output(self, name, tensor):
        self.tensors["recorded/" + name] = tensor.detach().float().contiguous()
        return tensor

    def write(self, path, model, selected, config):
        weights = {name: value.half().contiguous() for name, value in model.state_dict().items() if selected(name)}
        for name, value in weights.items():
            assert torch.equal(value.float(), model.state_dict()[name]), name
        packed = {
            name: value.half() if torch.equal(value.half().float(), value) else value
            for name, value in self.tensors.items()
        }
        content = save(weights | {name: value.contiguous() for name, value in packed.items()}, {"config": config})
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(content, 9, mtime=0))
        print(path, len(content), "bytes,", path.stat().st_size, "packed")


# ---------------------------------------------------------------------------------------------------------------------
# The layers of each module.


def hiera(model):
    record = Recorder(1)
    trunk = model.image_encoder.trunk
    image = record.input("image", 2, 96, 96, 3)
    tokens = trunk.patch_embed(image.permute(0, 3, 1, 2))
    positions = record.output("trunk.pos_embed", trunk._get_pos_embed(tokens.shape[1:3]))
    x = record.output("trunk.patch_embed", tokens + positions)
    for i, block in enumerate(trunk.blocks):
        x = record.output(f"trunk.blocks.{i}", block(x))
    features = model.forward_image(image.permute(0, 3, 1, 2))["backbone_fpn"]
    for name, feature in zip(("highRes0", "highRes1", "embedding"), features):
        record.output(name, last(feature))
    return record


def heads(model):
    record = Recorder(2)
    encoder, decoder = model.sam_prompt_encoder, model.sam_mask_decoder
    coordinates = record.output("coordinates", torch.rand(2, 5, 2, generator=record.generator).mul(96 * 8).round() / 8)
    labels = record.output("labels", torch.tensor([[1, 0, -1, 2, 3], [2, 3, 1, 1, -1]]))
    sparse = record.output("points", encoder((coordinates, labels), None, None)[0])
    boxes = coordinates[:, 3:5].reshape(2, 4)
    record.output("boxes", encoder(None, boxes, None)[0])
    record.output("noPoints", encoder((torch.zeros(2, 1, 2), -torch.ones(2, 1)), None, None)[0])
    logits = record.input("maskLogits", 2, 24, 24, 1, scale=4)
    dense = record.output("mask", last(encoder(None, None, logits.permute(0, 3, 1, 2))[1]))
    record.output("noMask", last(encoder(None, boxes[:1], None)[1])[:, :1, :1])
    grid = encoder.get_dense_pe()
    at = record.output("gridPositions", last(grid).flatten(1, 2))

    embedding = record.input("image", 1, 6, 6, 32, scale=SMALL)
    high = [record.input("highRes0", 1, 24, 24, 4), record.input("highRes1", 1, 12, 12, 8, scale=SMALL)]
    small_dense = record.output("smallMask", dense * SMALL)
    image = record.output("maskedImage", embedding + small_dense)
    keys = image.flatten(1, 2)
    transformer = decoder.transformer
    tokens = record.input("tokens", 2, 9, 32)
    queries = tokens
    for i, layer in enumerate(transformer.layers):
        queries, keys = layer(queries, keys, tokens, at)
        record.output(f"transformer.layers.{i}.queries", queries)
        record.output(f"transformer.layers.{i}.keys", keys)
    record.output("transformer", transformer(image.permute(0, 3, 1, 2), grid.expand(2, -1, -1, -1), tokens)[0])

    def decoded(name, embedding, sparse, dense, repeat):
        finals = []
        hook = transformer.register_forward_hook(lambda module, inputs, output: finals.append(output[0]))
        masks, iou, _, score = decoder.predict_masks(
            embedding.permute(0, 3, 1, 2), grid, sparse, dense.permute(0, 3, 1, 2), repeat,
            [h.permute(0, 3, 1, 2) for h in high])
        hook.remove()
        record.output(name + ".masks", masks.flatten(2))
        record.output(name + ".iou", iou)
        record.output(name + ".objectScore", score)
        record.output(name + ".queries", finals[0])

    decoded("decoded", embedding, sparse, encoder.no_mask_embed.weight.reshape(1, 1, 1, 32).expand(2, 6, 6, 32), True)
    decoded("decodedMask", embedding, sparse, small_dense, True)
    decoded("decodedNothing", image[:1], torch.zeros(1, 0, 32), torch.zeros(1, 6, 6, 32), True)

    # Stable, unstable, empty; reference: the mask it falls back to.
    candidates = record.input("candidates", 3, 4, 8, 8)
    candidates[0, 0] *= 100
    candidates[2, 0] = -5
    candidates = record.output("candidates", candidates)
    quality = record.output("quality", torch.rand(3, 4, generator=record.generator))
    decoder.dynamic_multimask_via_stability = True
    record.output("chosen", decoder._dynamic_multimask_via_stability(candidates, quality)[0])
    return record


def memory(model):
    from sam2.modeling.position_encoding import compute_axial_cis
    from sam2.modeling.sam2_utils import get_1d_sine_pe

    record = Recorder(3)
    record.output("rotary", torch.view_as_real(compute_axial_cis(32, 6, 6)).flatten(1))
    attention = model.memory_attention
    layer = attention.layers[1]
    x = record.input("tokens", 2, 36, 32, scale=SMALL)
    normalised = layer.norm1(x)
    record.output("selfAttention", x + layer.self_attn(normalised, normalised, normalised))
    frame = record.input("frame", 1, 6, 6, 32, scale=SMALL)
    frame_at = model.image_encoder.neck.position_encoding(frame.permute(0, 3, 1, 2)).flatten(2).permute(0, 2, 1)
    record.output("framePositions", frame_at[0])
    # Two maps and three pointers of four tokens each; one map; pointers alone.
    for i, (maps, pointers) in enumerate(((2, 12), (1, 0), (0, 8))):
        length = 36 * maps + pointers
        tokens = record.input(f"memory.{i}.tokens", 1, length, 8)
        positions = record.input(f"memory.{i}.positions", 1, length, 8)
        record.output(f"memory.{i}.pointerTokens", torch.tensor([pointers]))
        at = x[i % 2 : i % 2 + 1]
        kept = layer.cross_attn_image(layer.norm2(at), tokens + positions, tokens, num_k_exclude_rope=pointers)
        record.output(f"crossAttention.{i}", at + kept)
        record.output(f"layer.{i}", layer(at, tokens, positions, None, pointers))
        swap = lambda t: t.transpose(0, 1)
        whole = attention(
            swap(frame.flatten(1, 2)), swap(tokens), swap(frame_at), swap(positions), num_obj_ptr_tokens=pointers)
        record.output(f"memoryAttention.{i}", swap(whole).reshape(1, 6, 6, 32))

    encoder = model.memory_encoder
    embedding = record.input("embedding", 1, 6, 6, 32)
    masks = record.output("masks", steps(record.generator, (2, 96, 96, 1)))
    shrunk = record.output("maskDownsampler", last(encoder.mask_downsampler(masks.permute(0, 3, 1, 2))))
    block = record.output("fuser.layers.0", last(encoder.fuser.layers[0](shrunk.permute(0, 3, 1, 2))))
    record.output("fuser.layers.1", last(encoder.fuser.layers[1](block.permute(0, 3, 1, 2))))
    made = encoder(embedding.expand(2, -1, -1, -1).permute(0, 3, 1, 2), masks.permute(0, 3, 1, 2), True)
    record.output("memoryEncoder", last(made["vision_features"]))
    record.output("memoryEncoder.positions", last(made["vision_pos_enc"][0])[0].flatten(0, 1))

    record.output("pointer", model.obj_ptr_proj(record.input("maskToken", 1, 32)))
    distances = record.output("distances", torch.tensor([0, 1, 5, 15, -3, 70])).float()
    record.output("times", model.obj_ptr_tpos_proj(get_1d_sine_pe(distances / 15, dim=32)))
    record.output("times.notProjected", get_1d_sine_pe(distances / 15, dim=8))
    prompt = record.output("maskPrompt.mask", (steps(record.generator, (1, 96, 96, 1)) > 0).float())
    record.output("maskPrompt", last(model.mask_downsample(prompt.permute(0, 3, 1, 2))))
    return record


def main(checkout, repository=HERE.parents[7]):
    reference(checkout)
    config = (HERE / "tiny.yaml").read_text()
    torch.set_num_threads(1)
    with torch.no_grad():
        model = randomised(built(yaml.safe_load(config)["model"]), torch.Generator().manual_seed(0))
        of_image = re.compile(r"image_encoder\.|sam_mask_decoder\.conv_s")
        of_heads = re.compile(r"sam_(prompt_encoder|mask_decoder)\.")
        no_memory = re.compile(r"no_mem_embed")
        for module, folder, layers, selected in (
            ("hiera", "hiera", hiera, lambda name: of_image.match(name)),
            ("sam-heads", "heads", heads, lambda name: of_heads.match(name) and not of_image.match(name)),
            ("memory", "memory", memory,
             lambda name: not (of_image.match(name) or of_heads.match(name) or no_memory.match(name))),
        ):
            target = Path(repository) / module / "src/test/resources/dev/sam2j" / folder / "recorded.safetensors.gz"
            layers(model).write(target, model, selected, config)


if __name__ == "__main__":
    main(*sys.argv[1:])
