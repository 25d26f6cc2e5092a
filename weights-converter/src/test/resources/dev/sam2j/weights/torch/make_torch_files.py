"""Writes the .pt files of this folder: python make_torch_files.py. Made with torch 2.13.0; the tests know the values."""
import argparse
import collections
import datetime
import enum
import os
import pathlib
import types
import zipfile

import numpy
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

# What training programs save beside the weights.

class Mode(enum.Enum):
    TRAIN = "train"


class Settings:
    def __init__(self):
        self.rate = 1e-4


def side_values():
    linear = torch.nn.Linear(3, 2)
    optimizer = torch.optim.AdamW(linear.parameters())
    linear(torch.ones(1, 3)).sum().backward()
    optimizer.step()
    return {
        "device": torch.device("cpu"),
        "size": torch.Size([2, 3]),
        "dtype": torch.bfloat16,
        "counter": collections.Counter("aab"),
        "default": collections.defaultdict(list, {"a": [1]}),
        "set": {1, 2},
        "frozenset": frozenset({1}),
        "bytes": b"\x00\xff",
        "bytearray": bytearray(b"abc"),
        "complex": 1 + 2j,
        "large": 2**100,
        "half": "\ud800",
        "random": numpy.random.get_state(),
        "numpy_scalar": numpy.float64(1.5),
        "numpy_array": numpy.arange(6).reshape(2, 3),
        "numpy_dtype": numpy.dtype("float32"),
        "args": argparse.Namespace(lr=1e-4, out=pathlib.PurePosixPath("/runs/1")),
        "path": pathlib.PurePosixPath("a/b"),
        "simple": types.SimpleNamespace(a=1),
        "mode": Mode.TRAIN,
        "when": datetime.datetime(2026, 1, 2, 3, 4, 5),
        "delta": datetime.timedelta(seconds=1),
        "settings": Settings(),
        "optimizer": optimizer.state_dict(),
        "scheduler": torch.optim.lr_scheduler.StepLR(optimizer, 1).state_dict(),
        "generator": torch.get_rng_state(),
        (1, "tuple"): None,
        None: 1.5,
    }


class Tagged(torch.Tensor):
    pass


weights = collections.OrderedDict(
    {
        "module._orig_mod.w": ramp(2, 3),
        "module._orig_mod.d": ramp(3, dtype=torch.float64),
        "module._orig_mod.t": ramp(2).as_subclass(Tagged),
    }
)
marked = torch.nn.Parameter(ramp(2))
marked.mark = "x"
weights["module._orig_mod.p"] = marked
for protocol in (2, 4):
    torch.save({"state_dict": weights, **side_values()}, os.path.join(here, f"training_protocol{protocol}.ckpt"), pickle_protocol=protocol)
torch.save(
    {"model_state_dict": weights, **side_values()},
    os.path.join(here, "training_legacy.pth"),
    _use_new_zipfile_serialization=False,
)

# The same archive, packed again by a zip program.
with zipfile.ZipFile(os.path.join(here, "training_protocol2.ckpt")) as stored:
    with zipfile.ZipFile(os.path.join(here, "training_deflated.pt"), "w", zipfile.ZIP_DEFLATED) as deflated:
        for entry in stored.infolist():
            deflated.writestr(entry.filename, stored.read(entry))

torch.jit.script(torch.nn.Linear(1, 1)).save(os.path.join(here, "script.pt"))
