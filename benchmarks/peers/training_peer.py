#!/usr/bin/env python3
"""Times one training step of the public code of SAM 2.1 with a frozen encoder whose features are at hand.

Prints one JSON line: milliseconds of each step and the peak of resident memory. --sam2 is a checkout that has the
folders `sam2` and `training`. Weights are random, nothing is downloaded. The public code imports packages that a step
does not use (hydra, iopath, tensordict, a trainer); empty modules stand in for those that are not installed.
"""
import argparse
import importlib
import json
import re
import resource
import sys
import time
import types

import torch
import yaml


def stand_in(name, **attributes):
    """An empty module under a name that is not installed."""
    try:
        importlib.import_module(name)
    except ImportError:
        module = types.ModuleType(name)
        for key, value in attributes.items():
            setattr(module, key, value)
        sys.modules[name] = module
        if "." in name:
            parent, _, child = name.rpartition(".")
            stand_in(parent)
            setattr(sys.modules[parent], child, module)


def made(node):
    """What a node of a configuration describes: `_target_` names a class, the other keys are its arguments."""
    if isinstance(node, dict):
        arguments = {key: made(value) for key, value in node.items() if key != "_target_"}
        if "_target_" not in node:
            return arguments
        module, _, name = node["_target_"].rpartition(".")
        return getattr(importlib.import_module(module), name)(**arguments)
    if isinstance(node, list):
        return [made(value) for value in node]
    if isinstance(node, str) and re.fullmatch(r"\d+e-\d+", node):
        return float(node)  # PyYAML takes 1e-6 for a text
    return node


class Batch:
    """The part of a batch that a step reads: masks (1, N, S, S), every object in the one picture."""

    def __init__(self, masks):
        self.masks = masks
        self.num_frames = 1
        self.flat_obj_to_img_idx = torch.zeros(1, masks.shape[1], dtype=torch.long)


def squares(objects, size):
    """N true masks of a quarter of the side."""
    masks = torch.zeros(1, objects, size, size, dtype=torch.bool)
    for i in range(objects):
        at = (i * size // 8) % (3 * size // 4)
        masks[0, i, at:at + size // 4, at:at + size // 4] = True
    return masks


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sam2", required=True)
    parser.add_argument("--model", default="t")
    parser.add_argument("--objects", type=int, default=4)
    parser.add_argument("--corrections", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    sys.path.insert(0, options.sam2)
    torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    stand_in("hydra", initialize_config_module=lambda *a, **k: None)
    stand_in("hydra.core.global_hydra", GlobalHydra=types.SimpleNamespace(
        instance=lambda: types.SimpleNamespace(is_initialized=lambda: True)))
    stand_in("iopath.common.file_io", g_pathmgr=None)
    sys.modules["training.utils.data_utils"] = types.SimpleNamespace(BatchedVideoDatapoint=Batch)
    sys.modules["training.trainer"] = types.SimpleNamespace(CORE_LOSS_KEY="core_loss")
    with open(f"{options.sam2}/sam2/configs/sam2.1/sam2.1_hiera_{options.model}.yaml") as file:
        config = yaml.safe_load(file)["model"]
    config["_target_"] = "training.model.sam2.SAM2Train"
    config.update(
        prob_to_use_pt_input_for_train=1.0, prob_to_use_box_input_for_train=0.0, num_frames_to_correct_for_train=1,
        num_correction_pt_per_frame=options.corrections, freeze_image_encoder=True)
    model = made(config).train()
    losses = importlib.import_module("training.loss_fns").MultiStepMultiMasksAndIous(
        weight_dict={"loss_mask": 20, "loss_dice": 1, "loss_iou": 1, "loss_class": 1}, supervise_all_iou=True,
        iou_use_l1_loss=True, pred_obj_scores=True)
    size = model.image_size
    channels = config["image_encoder"]["neck"]["d_model"]
    # what the frozen neck gives; the decoder's own convolutions of the fine levels are part of the step
    levels = [torch.randn(1, channels, size // stride, size // stride) for stride in (4, 8, 16)]
    batch = Batch(squares(options.objects, size))
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-5)
    times = []
    for _ in range(options.runs + 1):
        started = time.perf_counter()
        fine = [model.sam_mask_decoder.conv_s0(levels[0]), model.sam_mask_decoder.conv_s1(levels[1]), levels[2]]
        features = {"backbone_fpn": fine, "vision_pos_enc": [torch.zeros_like(level) for level in fine]}
        outputs = model.forward_tracking(model.prepare_prompt_inputs(features, batch), batch)
        optimizer.zero_grad(set_to_none=True)
        losses(outputs, batch.masks)["core_loss"].backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 0.1)
        optimizer.step()
        times.append(1000 * (time.perf_counter() - started))
    print(json.dumps({
        "what": "training step", "runtime": "pytorch", "version": torch.__version__, "model": options.model,
        "objects": options.objects, "corrections": options.corrections, "threads": options.threads,
        "ms": [round(value, 1) for value in times[1:]],  # the first warms up
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}))


if __name__ == "__main__":
    main()
