"""Writes the .pt files of this folder: python make_torch_files.py. Made with torch 2.13.0; the tests know the values."""
import collections
import os

import torch

here = os.path.dirname(os.path.abspath(__file__))


def ramp(*shape, dtype=torch.float32):
    count = torch.Size(shape).numel()
    return (torch.arange(count, dtype=torch.float32) * 0.25 - 1).to(dtype).reshape(shape)


shared = ramp(4, 6)
state = collections.OrderedDict()
state["plain"] = ramp(2, 3)
state["half"] = ramp(3, 5, dtype=torch.float16)
state["brain"] = ramp(7, dtype=torch.bfloat16)
state["parameter"] = torch.nn.Parameter(ramp(3))
state["shared.whole"] = shared
state["shared.row"] = shared[2]
state["shared.column"] = shared[:, 1]
state["shared.block"] = shared[1:3, 2:5]
state["transposed"] = ramp(3, 4).t()
state["permuted.half"] = ramp(2, 3, 4, dtype=torch.float16).permute(2, 0, 1)
state["channels_last.brain"] = ramp(1, 2, 3, 3, dtype=torch.bfloat16).contiguous(memory_format=torch.channels_last)
state["expanded"] = ramp(3).expand(2, 3)
state["scalar"] = torch.tensor(2.5)
state["counter"] = torch.tensor(7)
state["double"] = torch.ones(2, dtype=torch.float64)
state["empty"] = torch.zeros(0, 3)
for protocol in (2, 3, 4, 5):
    checkpoint = {"epoch": 3, "loss": 0.5, "steps": {"train": 2**40, "val": None}, "best": [1, -2.5, True, "x"], "model": state}
    torch.save(checkpoint, os.path.join(here, f"nested_protocol{protocol}.pt"), pickle_protocol=protocol)

module = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.LayerNorm(2))
with torch.no_grad():
    for parameter in module.parameters():
        parameter.copy_(ramp(*parameter.shape))
torch.save(module.state_dict(), os.path.join(here, "bare_module.pt"))
torch.save(dict(module.state_dict()), os.path.join(here, "legacy.pt"), _use_new_zipfile_serialization=False)
torch.save(module, os.path.join(here, "whole_module.pt"))
