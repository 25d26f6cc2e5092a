"""Tests of the parts that need no peer installed: python3 -m unittest discover benchmarks/peers"""
import contextlib
import io
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import types
import unittest
from unittest import mock

import peers
import table
import transformers_peer


def timing(runtime, precision, median, **changes):
    fields = dict(what="encoder", model="t", runtime=runtime, version="1", device="cpu", precision=precision, threads=2,
                  size=1024, runs=3, medianMs=median, minMs=median - 1, maxMs=median + 2)
    fields.update(changes)
    return fields


class PeersTest(unittest.TestCase):
    def test_measure_times_only_the_runs_after_warm_up(self):
        ticks = iter([10.0, 10.5, 20.0, 20.25])
        calls = []
        self.assertEqual([500.0, 250.0], peers.measure(lambda: calls.append(1), 3, 2, clock=lambda: next(ticks)))
        self.assertEqual(5, len(calls))

    def test_timed_runs_wait_until_the_gate_is_gone(self):
        with tempfile.TemporaryDirectory() as folder:
            gate = pathlib.Path(folder, "gate")
            calls = []

            def open_gate(_):
                self.assertTrue(gate.exists())
                self.assertEqual(3, len(calls))
                gate.unlink()
            with mock.patch("time.sleep", side_effect=open_gate):
                self.assertEqual(2, len(peers.measure(lambda: calls.append(1), 3, 2, str(gate))))
            self.assertEqual(5, len(calls))

    def test_line_holds_median_and_extremes(self):
        fields = json.loads(peers.line({"what": "encoder"}, [3.0, 1.0, 2.5]))
        self.assertEqual({"what": "encoder", "runs": 3, "medianMs": 2.5, "minMs": 1.0, "maxMs": 3.0}, fields)

    def test_failed_figure_has_its_reason_and_no_times(self):
        fields = json.loads(peers.line({"what": "encoder"}, error=peers.reason(ValueError("no\nmore"))))
        self.assertEqual({"what": "encoder", "error": "ValueError: no"}, fields)

    def test_unknown_model_is_refused(self):
        message = io.StringIO()
        with contextlib.redirect_stderr(message), self.assertRaises(SystemExit):
            peers.arguments(["--models", "t,x"])
        self.assertIn("'x'", message.getvalue())

    def test_missing_package_is_a_line(self):
        options = peers.arguments(["--runtimes", "pytorch", "--precisions", "fp32"])
        with mock.patch.object(peers, "PyTorch", side_effect=ImportError("No module named 'sam2'")):
            lines = [json.loads(x) for x in peers.figures(options)]
        self.assertEqual(["ImportError: No module named 'sam2'"], [x["error"] for x in lines])
        self.assertIn("No module named", table.table([table.parse(json.dumps(lines[0]), "x", 1)]))

    def test_automatic_masks_are_not_warmed_up_at_full_size(self):
        model = mock.MagicMock(version="1", size=1024)
        options = peers.arguments(["--what", "click,auto,auto-all", "--runtimes", "pytorch", "--precisions", "fp32",
                                   "--warmup", "3", "--runs", "2"])
        with mock.patch.object(peers, "PyTorch", return_value=model):
            runs = []
            for text in peers.figures(options):
                self.assertNotIn("error", json.loads(text))
                runs.append(model.prepare.return_value.call_count)
        self.assertEqual([5, 7, 9], runs)
        self.assertEqual(["click", "auto", "auto-all"], [call.args[0] for call in model.prepare.call_args_list])

    def test_banks_that_are_not_full_are_refused(self):
        predictor = mock.MagicMock(num_maskmem=7, hidden_dim=256, mem_dim=64)
        model = types.SimpleNamespace(size=1024)

        def attend(*keys):
            hook = predictor.memory_attention.register_forward_pre_hook.call_args.args[0]
            for count in keys:
                hook(None, (), {"memory": range(count)})
        peers.PyTorch.check_banks(model, predictor, 2, lambda: attend(28736, 28736))
        for keys in ((28736,), (28736, 28732)):
            with self.assertRaisesRegex(RuntimeError, "expected 2 memory attentions to 28736 keys"):
                peers.PyTorch.check_banks(model, predictor, 2, lambda: attend(*keys))

    def test_java_prints_version_side_and_times(self):
        options = peers.arguments(["--runtimes", "onnxruntime-java", "--onnxruntime-jar", "x.jar", "--runs", "2"])
        result = types.SimpleNamespace(stdout="1.29.0 1024\n30.5\n20.5\n")
        with mock.patch.object(peers, "export", return_value="x.onnx"), \
                mock.patch.object(peers.subprocess, "run", return_value=result) as run:
            fields, = (json.loads(x) for x in peers.figures(options))
        self.assertEqual(("onnxruntime-java", "1.29.0", 1024, 25.5),
                         tuple(fields[key] for key in ("runtime", "version", "size", "medianMs")))
        self.assertEqual(["x.onnx", "cpu", "2", "1", "2"], run.call_args.args[0][-5:])

    def test_java_package_must_be_named(self):
        options = peers.arguments(["--runtimes", "onnxruntime-java"])
        options.onnxruntime_jar = None
        fields, = (json.loads(x) for x in peers.figures(options))
        self.assertIn("ONNXRUNTIME_JAR", fields["error"])

    def test_video_is_a_figure_for_each_number_of_objects(self):
        options = peers.arguments(["--what", "encoder,video", "--objects", "1,4,16"])
        self.assertEqual(["encoder", "video", "video-4", "video-16"], list(peers.names_of(options)))
        self.assertEqual("Transformers", peers.peer("transformers-compile").__name__)
        self.assertEqual("PyTorch", peers.peer("pytorch").__name__)

    def test_settings_grow_with_the_stages(self):
        settings = transformers_peer.vision("b+")
        self.assertEqual([896, 448, 224, 112], settings["backbone_channel_list"])
        self.assertEqual([2, 4, 8, 16], settings["backbone_config"]["num_attention_heads_per_stage"])


@unittest.skipUnless(shutil.which("bash"), "there is no bash")
class RunPeersTest(unittest.TestCase):
    SCRIPT = pathlib.Path(__file__).resolve().parent.parent / "run-peers"

    def calls(self, *options, status=0):
        """What run-peers runs: the programs' arguments, without those that all get."""
        with tempfile.TemporaryDirectory() as folder:
            program = pathlib.Path(folder, "program")
            log = pathlib.Path(folder, "log")
            program.write_text(f'#!/bin/sh\necho "$@" >>"{log}"\n', encoding="utf-8")
            program.chmod(0o755)
            environment = dict(os.environ, PEER_PYTHON=str(program), SAM2J_JAVA=str(program), SAM2_PATH="")
            result = subprocess.run(["bash", self.SCRIPT, "--rounds", "1", *options], env=environment, text=True,
                                    capture_output=True, check=False)
            self.assertEqual(status, result.returncode, result.stderr)
            if status:
                self.assertFalse(log.exists())
                return result.stderr
            lines = log.read_text(encoding="utf-8").splitlines()
        self.assertIn("table.py", lines.pop())
        lines = [x.replace("--device cpu --threads 2 --runs 5 ", "").replace("--precision auto ", "").replace("--precisions fp32,bf16 ", "") for x in lines]
        return [x.replace(str(self.SCRIPT.parent / "peers") + "/", "").replace("dev.sam2j.benchmarks.", "") for x in lines]

    def test_each_figure_is_timed_by_its_class_and_by_every_peer(self):
        self.assertEqual([
            "EncoderTiming --model t --what encoder",
            "peers.py --models t --runtimes pytorch --what encoder",
            "peers.py --models t --runtimes onnxruntime-java --what encoder",
            "VideoTiming --model t --objects 1",
            "peers.py --models t --runtimes pytorch --what video --objects 1",
            "VideoTiming --model t --objects 4",
            "peers.py --models t --runtimes pytorch --what video --objects 4",
            "AutomaticMaskTiming --model t --what auto --points 8 --runs 1",
            "peers.py --models t --runtimes pytorch --what auto --points 8 --runs 1",
        ], self.calls("--what", "encoder,video,video-4,auto", "--runtimes", "pytorch,onnxruntime-java", "--points", "8"))

    def test_own_precisions_are_timed_one_after_the_other(self):
        self.assertEqual([
            "EncoderTiming --model t --precision fp32 --what encoder",
            "EncoderTiming --model t --precision bf16 --what encoder",
            "peers.py --models t --runtimes pytorch --what encoder",
        ], self.calls("--own-precisions", "fp32,bf16", "--runtimes", "pytorch"))

    def test_unknown_figure_is_refused_before_anything_runs(self):
        self.assertIn("unknown figure vidoe", self.calls("--what", "encoder,vidoe", status=2))


class TableTest(unittest.TestCase):
    def test_ratio_is_to_our_fastest(self):
        text = table.table([timing("sam2j", "fp32", 100.0), timing("sam2j", "bf16", 80.0),
                            timing("pytorch", "fp32", 120.0)])
        self.assertTrue(text.splitlines()[-1].endswith("| 120.0 | 119.0 | 122.0 | 1.50 |"), text)

    def test_rounds_are_merged(self):
        rounds = [timing("pytorch", "fp32", m) for m in (30.0, 10.0, 20.0)]
        merged = table.merge(rounds)[("encoder", "t", "cpu", 2)][("pytorch", "fp32")]
        self.assertEqual((20.0, 9.0, 32.0), (merged["medianMs"], merged["minMs"], merged["maxMs"]))

    def test_different_work_is_not_compared(self):
        text = table.table([timing("sam2j", "fp32", 100.0), timing("pytorch", "fp32", 50.0, threads=1)])
        self.assertTrue(text.splitlines()[-1].endswith("| 52.0 |  |"), text)

    def test_threads_do_not_separate_gpu_runs(self):
        text = table.table([timing("sam2j", "bf16", 5.0, device="cuda", threads=1),
                            timing("pytorch", "bf16", 10.0, device="cuda")])
        self.assertTrue(text.splitlines()[-1].endswith("| 2.00 |"), text)

    def test_bad_lines_name_their_place(self):
        for text, message in (("oops", "f:7: expected a JSON object"), ("[]", "f:7: expected a JSON object"),
                              (json.dumps(timing("a", "b", 1.0, threads="2")), "f:7: threads"),
                              (json.dumps(timing("a", "b", 1.0, model=3)), "f:7: model"),
                              (json.dumps(timing("a", "b", 1.0, maxMs=True)), "f:7: maxMs")):
            with self.assertRaisesRegex(ValueError, message):
                table.parse(text, "f", 7)


if __name__ == "__main__":
    unittest.main()
