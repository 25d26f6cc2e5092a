"""Tests of the parts that need no peer installed: python3 -m unittest discover benchmarks/peers"""
import contextlib
import io
import json
import unittest

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
        self.assertEqual([500.0, 250.0], peers.measure(lambda: calls.append(1), 3, 2, lambda: next(ticks)))
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
        original = peers.PyTorch
        try:
            peers.PyTorch = lambda size, options: (_ for _ in ()).throw(ImportError("No module named 'sam2'"))
            lines = [json.loads(x) for x in peers.figures(options)]
        finally:
            peers.PyTorch = original
        self.assertEqual(["ImportError: No module named 'sam2'"], [x["error"] for x in lines])
        self.assertIn("No module named", table.table([table.parse(json.dumps(lines[0]), "x", 1)]))


    def test_video_is_a_figure_for_each_number_of_objects(self):
        options = peers.arguments(["--what", "encoder,video", "--objects", "1,4,16"])
        self.assertEqual(["encoder", "video", "video-4", "video-16"], list(peers.names_of(options)))
        self.assertEqual("Transformers", peers.peer("transformers-compile").__name__)
        self.assertEqual("PyTorch", peers.peer("pytorch").__name__)

    def test_settings_grow_with_the_stages(self):
        settings = transformers_peer.vision("b+")
        self.assertEqual([896, 448, 224, 112], settings["backbone_channel_list"])
        self.assertEqual([2, 4, 8, 16], settings["backbone_config"]["num_attention_heads_per_stage"])


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
