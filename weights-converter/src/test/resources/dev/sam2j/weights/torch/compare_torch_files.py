"""compare_torch_files.py FIRST SAME FLOAT32: whether torch loads the same state dictionary from the others as from the
first, from the last with all tensors in float32."""

import sys

import torch


def load(path, mmap=False):
    loaded = torch.load(path, weights_only=True, map_location="cpu", mmap=mmap)
    assert list(loaded) == ["model"], list(loaded)
    return loaded["model"]


def compare(first, path, mmap):
    second = load(path, mmap)
    assert list(first) == list(second), "names"
    for name, tensor in first.items():
        other = second[name]
        assert (tensor.shape, tensor.dtype) == (other.shape, other.dtype) and other.is_contiguous(), name
        assert torch.equal(tensor, other) and not other.requires_grad, name
        assert other.data_ptr() % 64 == 0 or not mmap, name


model = load(sys.argv[1])
for mmap in (False, True):
    compare(model, sys.argv[2], mmap)
    compare({name: tensor.float() for name, tensor in model.items()}, sys.argv[3], mmap)
print(len(model), "equal tensors")
