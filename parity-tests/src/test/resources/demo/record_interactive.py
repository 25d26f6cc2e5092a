"""Records video_demo_interactive: a session on video_demo_1's first frames with the reference's video predictor.

    python record_interactive.py CHECKOUT_OF_SAM2 DEMO_YAML DEMO_PT

Revision 2b90b9f of facebookresearch/sam2 with torch 2.13.0 on the CPU in float32, with the defaults of its builder but
hole filling, which needs a GPU there. Memories are widened to float32 before attention, as in the other cases.
"""

import json
import shutil
import sys
from pathlib import Path

import numpy as np
import torch
import yaml
from PIL import Image
from safetensors.torch import save_file

HERE = Path(__file__).resolve().parent
CASE = HERE / "video_demo_interactive"
FRAMES = 8
SAMPLE = 2048

STEPS = [
    {"op": "prompt", "on": 0, "obj": 1, "points": [[159.0, 118.0]], "labels": [1]},
    {"op": "prompt", "on": 0, "obj": 1, "points": [[120.0, 60.0]], "labels": [0], "clear": False},
    {"op": "prompt", "on": 0, "obj": 7, "box": [79.0, 173.0, 127.0, 217.0]},
    {"op": "propagate", "max_frame_num_to_track": 5},
    {"op": "prompt", "on": 3, "obj": 1, "points": [[150.0, 110.0]], "labels": [1]},
    {"op": "mask", "on": 2, "obj": 9, "file": "mask_obj9.png"},
    {"op": "propagate", "start_frame_idx": 1},
    {"op": "propagate", "start_frame_idx": 4, "reverse": True},
    {"op": "clear", "on": 3, "obj": 1},
    {"op": "remove", "obj": 7},
    {"op": "propagate", "start_frame_idx": 0, "max_frame_num_to_track": 2},
]


def predictor(checkout, config, weights):
    sys.path.insert(0, str(HERE.parents[4] / "weights-converter/src/test/resources/dev/sam2j/weights/recorded"))
    import record

    record.reference(checkout)
    sys.modules["PIL"].Image = Image
    sys.modules["tqdm"].tqdm = lambda frames, **_: frames
    node = yaml.safe_load(Path(config).read_text().replace(" 1e-6", " 1.0e-6"))["model"]
    node["_target_"] = "sam2.sam2_video_predictor.SAM2VideoPredictor"
    node["binarize_mask_from_pts_for_mem_enc"] = True
    node["sam_mask_decoder_extra_args"] = {
        "dynamic_multimask_via_stability": True,
        "dynamic_multimask_stability_delta": 0.05,
        "dynamic_multimask_stability_thresh": 0.98,
    }
    model = record.built(node)
    state = torch.load(weights, map_location="cpu", weights_only=True)["model"]
    model.load_state_dict({name: value.float() for name, value in state.items()})
    attend = model.memory_attention.forward
    model.memory_attention.forward = lambda curr, memory, curr_pos, memory_pos, **rest: attend(
        curr=curr, memory=memory.float(), curr_pos=curr_pos, memory_pos=memory_pos.float(), **rest)
    return model.eval()


class Recording:
    def __init__(self):
        self.steps, self.tensors, self.described, self.masks = [], {}, {}, {}

    def add(self, step, frame, objects, logits):
        key = f"step{sum('key' in s for s in self.steps):03d}"
        self.steps.append(step | {"frame": frame, "objects": list(objects), "key": key})
        name = key + ".video_res_logits"
        flat = logits.flatten()
        sampled = flat.numel() > SAMPLE
        at = torch.arange(SAMPLE) * flat.numel() // SAMPLE
        self.tensors[name] = (flat[at] if sampled else logits).contiguous().clone()
        self.described[name] = {
            "shape": list(logits.shape), "mean": flat.mean().item(), "std": flat.std().item(),
            "absmax": flat.abs().max().item(), "sampled": sampled,
        }
        self.masks[key] = []
        for i, mask in enumerate(logits[:, 0] > 0):
            file = f"masks/{key}_{i}.png"
            Image.fromarray(mask.numpy()).save(CASE / file)
            self.masks[key].append(file)

    def write(self):
        save_file(self.tensors, CASE / "expected.safetensors")
        case = {"kind": "video", "model": "sam2.1_hiera_demo", "frames": "frames", "sample": SAMPLE,
                "tensors": self.described, "masks": self.masks, "steps": self.steps}
        (CASE / "case.json").write_text(json.dumps(case, indent=1) + "\n")


def main(checkout, config, weights):
    model = predictor(checkout, config, weights)
    shutil.rmtree(CASE, ignore_errors=True)
    (CASE / "masks").mkdir(parents=True)
    (CASE / "frames").mkdir()
    for i in range(FRAMES):
        shutil.copy(HERE / f"video_demo_1/frames/{i:05d}.jpg", CASE / "frames")
    shutil.copy(HERE / "video_demo_1/truth/00002_obj1.png", CASE / "mask_obj9.png")
    state = model.init_state(str(CASE / "frames"))
    recording = Recording()
    for step in STEPS:
        rest = {key: value for key, value in step.items() if key not in ("op", "on", "obj", "file", "clear")}
        if step["op"] == "prompt":
            recording.add(step, *model.add_new_points_or_box(
                state, step["on"], step["obj"], clear_old_points=step.get("clear", True), **rest))
        elif step["op"] == "mask":
            mask = np.array(Image.open(CASE / step["file"])) > 0
            recording.add(step, *model.add_new_mask(state, step["on"], step["obj"], mask))
        elif step["op"] == "clear":
            recording.add(step, *model.clear_all_prompts_in_frame(state, step["on"], step["obj"]))
        elif step["op"] == "remove":
            model.remove_object(state, step["obj"])
            recording.steps.append(step | {"objects": list(state["obj_ids"])})
        else:
            for result in model.propagate_in_video(state, **rest):
                recording.add(step, *result)
    recording.write()


if __name__ == "__main__":
    with torch.inference_mode():
        main(*sys.argv[1:])
