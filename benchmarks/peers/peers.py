#!/usr/bin/env python3
"""Times SAM 2.1 in PyTorch and ONNX Runtime and prints one JSON line per figure (see README.md beside this file).

Weights are random: speed does not depend on them, so nothing is downloaded. The sam2 or transformers package is the
user's own.
"""
import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

SIZES = ("t", "s", "b+", "l")
WHAT = ("encoder", "click", "image", "memory", "video", "auto", "auto-all")
RUNTIMES = ("pytorch", "pytorch-compile", "transformers", "transformers-compile", "onnxruntime", "onnxruntime-java")
WARM_UP_POINTS = 8  # a side: one batch of automatic masks, so that compiled modules have seen the shapes of the timed run


def names(allowed):
    """An argparse type: a comma-separated list of names out of `allowed`."""
    def parse(text):
        values = text.split(",")
        for value in values:
            if value not in allowed:
                raise argparse.ArgumentTypeError(f"expected names out of {', '.join(allowed)}, got {value!r}")
        return values
    return parse


def positive(text):
    """An argparse type: an integer of at least 1."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"expected at least 1, got {value}")
    return value


def arguments(argv=None):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sam2", metavar="DIR", help="folder that holds the sam2 package (default: the installed one)")
    parser.add_argument("--what", type=names(WHAT), default=["encoder"],
                        help=f"{', '.join(WHAT)} (default encoder)")
    parser.add_argument("--models", type=names(SIZES), default=["t"], help="out of t,s,b+,l (default t)")
    parser.add_argument("--runtimes", type=names(RUNTIMES), default=["pytorch", "onnxruntime"],
                        help=f"out of {', '.join(RUNTIMES)} (default pytorch,onnxruntime)")
    parser.add_argument("--precisions", type=names(("fp32", "bf16")), default=["fp32", "bf16"],
                        help="PyTorch's fp32, bf16 autocast (default both); ONNX Runtime always runs fp32")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--objects", type=lambda text: [positive(x) for x in text.split(",")], default=[1],
                        help="objects tracked together, for video (default 1)")
    parser.add_argument("--points", type=positive, default=32, help="points a side, for auto and auto-all (default 32)")
    parser.add_argument("--compile-mode", default="default",
                        help="mode of torch.compile (default default); max-autotune takes many minutes")
    parser.add_argument("--threads", type=positive, default=2, help="threads inside an operation (default 2)")
    parser.add_argument("--runs", type=positive, default=5, help="timed runs (default 5)")
    parser.add_argument("--warmup", type=positive, default=1, help="untimed runs before them (default 1); "
                        f"for auto and auto-all one with {WARM_UP_POINTS} points a side")
    parser.add_argument("--gate", metavar="FILE", help="file to make after the untimed runs; timed ones wait until it is "
                        "gone: for compiling several at once and timing each alone")
    parser.add_argument("--cache", metavar="DIR", default=os.path.expanduser("~/.cache/sam2j/peers"),
                        help="where exported ONNX files are kept (default ~/.cache/sam2j/peers)")
    parser.add_argument("--onnxruntime-jar", metavar="FILE", default=os.environ.get("ONNXRUNTIME_JAR"),
                        help="ONNX Runtime's Java package, for onnxruntime-java (default $ONNXRUNTIME_JAR)")
    return parser.parse_args(argv)


def measure(run, warmup, runs, gate=None, clock=time.perf_counter):
    """Milliseconds of each of `runs` calls of `run` after `warmup` untimed ones and the gate."""
    for _ in range(warmup):
        run()
    if gate:
        wait_at(gate)
    times = []
    for _ in range(runs):
        start = clock()
        run()
        times.append((clock() - start) * 1000)
    return times


def wait_at(gate):
    """Makes a file and returns once someone has removed it."""
    with open(gate, "w"):
        pass
    while os.path.exists(gate):
        time.sleep(0.05)


def line(head, times=None, error=None):
    """The JSON line of one figure: the head's fields, then either milliseconds or the reason there are none."""
    fields = dict(head)
    if error is None:
        fields.update(runs=len(times), medianMs=round(statistics.median(times), 3), minMs=round(min(times), 3),
                      maxMs=round(max(times), 3))
    else:
        fields["error"] = error
    return json.dumps(fields)


def reason(exception):
    """First line of an exception, for the error field."""
    text = str(exception).strip()
    return f"{type(exception).__name__}: {text.splitlines()[0] if text else 'no message'}"


class PyTorch:
    """One model size in PyTorch."""

    def __init__(self, size, options):
        os.environ.setdefault("TQDM_DISABLE", "1")  # propagate_in_video draws a progress bar for each frame timed
        import torch
        from sam2.build_sam import build_sam2
        self.torch = torch
        self.device = options.device
        self.mode = options.compile_mode
        self.points = options.points
        self.version = torch.__version__
        torch.set_num_threads(options.threads)
        torch.manual_seed(1)
        self.config = f"configs/sam2.1/sam2.1_hiera_{size}.yaml"
        self.model = build_sam2(self.config, None, device=options.device)
        self.size = self.model.image_size

    def context(self, precision):
        stack = contextlib.ExitStack()
        stack.enter_context(self.torch.inference_mode())
        if precision == "bf16":
            stack.enter_context(self.torch.autocast(self.device, self.torch.bfloat16))
            self.torch.set_float32_matmul_precision("high")  # TF32 for what autocast leaves alone, as in sam2's benchmark
        return stack

    def finish(self):
        if self.device == "cuda":
            self.torch.cuda.synchronize()

    def prepare(self, what, compiled):
        """A function of no arguments that computes the figure's work once."""
        if what.startswith("video"):
            return self.video(int(what.partition("-")[2] or 1), compiled)
        if what.startswith("auto"):
            return self.automatic(what == "auto", compiled)
        return {"encoder": self.encoder, "click": self.click, "image": self.image, "memory": self.memory}[what](compiled)

    def maybe_compiled(self, function, compiled):
        """The function, or its compilation with outputs of their own: those of a replayed graph are overwritten."""
        if not compiled:
            return function
        compilation = self.torch.compile(function, mode=self.mode, dynamic=False)

        def run(*positional, **named):
            return self.copied(compilation(*positional, **named))
        return run

    def copied(self, outputs):
        if isinstance(outputs, dict):
            return {name: self.copied(output) for name, output in outputs.items()}
        if isinstance(outputs, (list, tuple)):
            return type(outputs)(self.copied(output) for output in outputs)
        return outputs.clone() if isinstance(outputs, self.torch.Tensor) else outputs

    def compile_modules(self, model):
        for module in (model.image_encoder, model.memory_attention, model.memory_encoder, model.sam_mask_decoder):
            module.forward = self.maybe_compiled(module.forward, True)

    def picture(self):
        import numpy
        return numpy.random.default_rng(1).integers(0, 256, (self.size, self.size, 3), numpy.uint8)

    def encoder(self, compiled):
        picture = self.torch.randn(1, 3, self.size, self.size, device=self.device)
        forward = self.maybe_compiled(self.model.forward_image, compiled)

        def run():
            forward(picture)
            self.finish()
        return run

    def predictor(self):
        """A predictor and functions that give it a picture and click on that."""
        import numpy
        from sam2.sam2_image_predictor import SAM2ImagePredictor
        predictor = SAM2ImagePredictor(self.model)
        picture = self.picture()
        point = numpy.array([[self.size * 0.4, self.size * 0.6]], numpy.float32)
        label = numpy.array([1])
        return (lambda: predictor.set_image(picture)), (lambda: predictor.predict(point, label, multimask_output=True))

    def click(self, compiled):
        show, click = self.predictor()
        show()
        return click

    def image(self, compiled):
        self.model.forward_image = self.maybe_compiled(self.model.forward_image, compiled)
        show, click = self.predictor()
        return lambda: (show(), click())

    def memory(self, compiled):
        """Memory attention with a full bank: 7 frames and 16 object pointers."""
        model = self.model
        side = self.size // 16
        width = model.mem_dim
        pointers = 16 * model.hidden_dim // width
        keys = 7 * side * side + pointers
        def noise(n, c):
            return self.torch.randn(n, 1, c, device=self.device)
        current, position = noise(side * side, model.hidden_dim), noise(side * side, model.hidden_dim)
        memory, memory_position = noise(keys, width), noise(keys, width)
        attend = self.maybe_compiled(model.memory_attention, compiled)

        def run():
            attend(curr=[current], curr_pos=[position], memory=memory, memory_pos=memory_position,
                   num_obj_ptr_tokens=pointers)
            self.finish()
        return run

    def video(self, objects, compiled):
        """A frame with full banks: of each object one prompted map, six recent ones and sixteen pointers.

        Only one frame is tracked to fill them, and remembered as each of those before the timed one.
        """
        from PIL import Image
        from sam2.build_sam import build_sam2_video_predictor
        predictor = build_sam2_video_predictor(self.config, None, device=self.device)
        with tempfile.TemporaryDirectory() as folder:
            Image.fromarray(self.picture()).save(os.path.join(folder, "0.jpg"))
            state = predictor.init_state(folder)
        last = predictor.max_obj_ptrs_in_encoder
        state["images"] = state["images"].expand(last + 1, -1, -1, -1)
        state["num_frames"] = last + 1
        for number in range(1, objects + 1):
            mask = self.torch.zeros(self.size, self.size, dtype=self.torch.bool)
            mask[number:number + self.size // 2, number:number + self.size // 2] = True
            predictor.add_new_mask(state, 0, number, mask)

        def track(frame):
            """Thresholded masks at the frame's size in host memory; the objects' memories of the frame are replaced."""
            state["cached_features"].clear()
            (_, _, logits), = predictor.propagate_in_video(state, start_frame_idx=frame, max_frame_num_to_track=0)
            return (logits > 0).cpu()
        track(1)
        for outputs in state["output_dict_per_obj"].values():
            tracked = outputs["non_cond_frame_outputs"]
            tracked.update((frame, tracked[1]) for frame in range(2, last))
        self.check_banks(predictor, objects, lambda: track(last))
        if compiled:
            self.compile_modules(predictor)
        return lambda: track(last)

    def check_banks(self, predictor, objects, run):
        """Raises RuntimeError unless a frame attends to full banks: how frames are remembered is the package's affair."""
        keys = []
        hook = predictor.memory_attention.register_forward_pre_hook(
            lambda module, positional, named: keys.append(len(named["memory"])), with_kwargs=True)
        run()
        hook.remove()
        full = predictor.num_maskmem * (self.size // 16) ** 2 + 16 * predictor.hidden_dim // predictor.mem_dim
        if keys != [full] * objects:
            raise RuntimeError(f"video: expected {objects} memory attentions to {full} keys, got {keys}")

    def automatic(self, filtered, compiled):
        """Everything in a picture of noise, as run-length codes, after a run with few points."""
        from sam2.automatic_mask_generator import SAM2AutomaticMaskGenerator
        picture = self.picture()
        thresholds = {} if filtered else {"pred_iou_thresh": 0.0, "stability_score_thresh": 0.0}
        if compiled:
            self.compile_modules(self.model)

        def generate(points):
            SAM2AutomaticMaskGenerator(self.model, points_per_side=points, output_mode="uncompressed_rle",
                                       **thresholds).generate(picture)
        generate(WARM_UP_POINTS)
        return lambda: generate(self.points)


def export(size, options):
    """Path of the image encoder as ONNX; exported with PyTorch where it is not in the cache yet."""
    path = os.path.join(options.cache, f"sam2.1_hiera_{size}_encoder.onnx")
    if os.path.exists(path):
        return path
    os.makedirs(options.cache, exist_ok=True)
    reference = PyTorch(size, argparse.Namespace(**{**vars(options), "device": "cpu"}))
    torch = reference.torch

    class Encoder(torch.nn.Module):
        def __init__(self, model):
            super().__init__()
            self.model = model

        def forward(self, picture):
            low, middle, high = self.model.forward_image(picture)["backbone_fpn"]
            return low, middle, high

    encoder = Encoder(reference.model).eval()
    picture = torch.randn(1, 3, reference.size, reference.size)
    partial = path + ".part"
    with torch.inference_mode(), contextlib.redirect_stdout(sys.stderr):  # the exporter reports its progress on stdout
        torch.onnx.export(encoder, (picture,), partial, input_names=["picture"],
                          output_names=["s0", "s1", "embedding"], opset_version=18, dynamo=True,
                          external_data=False, verbose=False)
        check(partial, picture, encoder(picture))
    os.replace(partial, path)
    return path


def check(path, picture, expected):
    """Raises RuntimeError unless the export computes what PyTorch computed: only then is its time a figure."""
    import onnxruntime
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    actual = session.run(None, {"picture": picture.numpy()})
    for a, e in zip(actual, expected):
        e = e.numpy()
        error = float(abs(a - e).max()) / float(abs(e).max())
        if not error < 1e-3:
            raise RuntimeError(f"export: expected PyTorch's features within 1e-3, got a difference of {error:.3g}")


def onnxruntime_encoder(size, options):
    """(version, picture side, function that runs the encoder once) of ONNX Runtime."""
    import numpy
    import onnxruntime
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = options.threads
    settings.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    provider = "CUDAExecutionProvider" if options.device == "cuda" else "CPUExecutionProvider"
    if provider not in onnxruntime.get_available_providers():
        raise RuntimeError(f"this onnxruntime has no {provider}")
    session = onnxruntime.InferenceSession(export(size, options), settings, providers=[provider])
    side = session.get_inputs()[0].shape[2]
    picture = numpy.random.default_rng(1).standard_normal((1, 3, side, side), numpy.float32)
    return onnxruntime.__version__, side, lambda: session.run(None, {"picture": picture})


def onnxruntime_java(size, options):
    """(version, picture side, milliseconds of each run) of the encoder in ONNX Runtime's Java package."""
    if not options.onnxruntime_jar:
        raise RuntimeError("expected --onnxruntime-jar or ONNXRUNTIME_JAR")
    java = os.path.join(os.environ["JAVA_HOME"], "bin", "java") if "JAVA_HOME" in os.environ else "java"
    program = os.path.join(os.path.dirname(os.path.abspath(__file__)), "OnnxEncoder.java")
    command = [java, "-cp", options.onnxruntime_jar, program, export(size, options), options.device]
    command += [str(number) for number in (options.threads, options.warmup, options.runs)]
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    version, side, *times = output.split()
    return version, int(side), [float(text) for text in times]


def peer(runtime):
    """The class that runs a runtime's models."""
    if runtime.startswith("transformers"):
        from transformers_peer import Transformers
        return Transformers
    return PyTorch


def names_of(options):
    """The figures asked for: video is one for each number of objects, and called video-4 for four."""
    for what in options.what:
        if what == "video":
            yield from ("video" if n == 1 else f"video-{n}" for n in options.objects)
        else:
            yield what


def figures(options):
    """Yields the JSON lines, one after each measurement."""
    for size in options.models:
        for what in names_of(options):
            for runtime in options.runtimes:
                if runtime.startswith("onnxruntime"):
                    if what == "encoder":
                        yield onnxruntime_figure(size, runtime, options)
                    continue
                for precision in options.precisions:
                    yield pytorch_figure(size, what, runtime, precision, options)


def head(what, size, runtime, precision, options):
    return dict(what=what, model=size, runtime=runtime, version="", device=options.device, precision=precision,
                threads=options.threads, size=0)


def onnxruntime_figure(size, runtime, options):
    fields = head("encoder", size, runtime, "fp32", options)
    try:
        if runtime == "onnxruntime-java":
            fields["version"], fields["size"], times = onnxruntime_java(size, options)
            return line(fields, times)
        fields["version"], fields["size"], run = onnxruntime_encoder(size, options)
        return line(fields, measure(run, options.warmup, options.runs, options.gate))
    except Exception as e:  # a peer that cannot run is a line of the report, not the end of it
        return line(fields, error=reason(e))


def pytorch_figure(size, what, runtime, precision, options):
    fields = head(what, size, runtime, precision, options)
    try:
        model = peer(runtime)(size, options)
        fields["version"], fields["size"] = model.version, model.size
        with model.context(precision):
            run = model.prepare(what, runtime.endswith("-compile"))
            warmup = 0 if what.startswith("auto") else options.warmup  # a run of full size takes minutes on a CPU
            return line(fields, measure(run, warmup, options.runs, options.gate))
    except Exception as e:
        return line(fields, error=reason(e))


def main():
    options = arguments()
    if options.sam2:
        if not os.path.isfile(os.path.join(options.sam2, "sam2", "build_sam.py")):
            sys.exit(f"peers: --sam2: expected a folder that holds sam2/build_sam.py, got {options.sam2}")
        sys.path.insert(0, options.sam2)
    for text in figures(options):
        print(text, flush=True)


if __name__ == "__main__":
    main()
