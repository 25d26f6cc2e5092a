#!/usr/bin/env python3
"""Prints timing lines (JSON, one per line, format in README.md) from files or standard input as one Markdown table.

A figure measured in several rounds gets the median of its rounds' medians, the least minimum and the greatest maximum.
The last column is the median divided by SAM2J's fastest median for the same work on the same device: above 1,
SAM2J is faster.
"""
import json
import statistics
import sys

OURS = "sam2j"
TEXTS = ("what", "model", "runtime", "version", "device", "precision")
NUMBERS = ("threads", "size")
TIMES = ("medianMs", "minMs", "maxMs")


def parse(text, source, number):
    """One line's fields; ValueError names the place where the line is not a timing line."""
    place = f"{source}:{number}"
    try:
        fields = json.loads(text)
    except json.JSONDecodeError as e:
        raise ValueError(f"{place}: expected a JSON object, got {text[:60]!r}") from e
    if not isinstance(fields, dict):
        raise ValueError(f"{place}: expected a JSON object, got {text[:60]!r}")
    numbers = NUMBERS if "error" in fields else NUMBERS + TIMES
    for key in TEXTS:
        if not isinstance(fields.get(key), str):
            raise ValueError(f"{place}: {key}: expected a text, got {fields.get(key)!r}")
    for key in numbers:
        value = fields.get(key)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise ValueError(f"{place}: {key}: expected a number, got {value!r}")
    return fields


def work(fields):
    """What was computed: only lines with equal work are compared. Threads matter on the CPU only."""
    device = fields["device"]
    return fields["what"], fields["model"], device, fields["threads"] if device == "cpu" else 0


def merge(lines):
    """Work -> implementation -> its merged fields, in order of first appearance."""
    groups = {}
    for fields in lines:
        key = (fields["runtime"], fields["precision"])
        groups.setdefault(work(fields), {}).setdefault(key, []).append(fields)
    return {w: {k: merge_rounds(rounds) for k, rounds in by.items()} for w, by in groups.items()}


def merge_rounds(rounds):
    timed = [r for r in rounds if "error" not in r]
    if not timed:
        return rounds[0]
    return dict(timed[0], medianMs=statistics.median(r["medianMs"] for r in timed),
                minMs=min(r["minMs"] for r in timed), maxMs=max(r["maxMs"] for r in timed))


def table(lines):
    """The Markdown table of some lines' fields."""
    rows = ["| figure | model | device | implementation | median ms | min | max | / SAM2J |",
            "|---|---|---|---|---:|---:|---:|---:|"]
    for (what, model, device, threads), by in merge(lines).items():
        ours = [f["medianMs"] for (runtime, _), f in by.items() if runtime == OURS and "error" not in f]
        place = f"{device}, {threads} threads" if threads else device
        for fields in by.values():
            name = " ".join(x for x in (fields["runtime"], fields["version"], fields["precision"]) if x)
            start = f"| {what} | {model} | {place} | {name} | "
            if "error" in fields:
                rows.append(start + f"{fields['error'].replace('|', '/')} | | | |")
                continue
            ratio = f"{fields['medianMs'] / min(ours):.2f}" if ours else ""
            rows.append(start + f"{fields['medianMs']:.1f} | {fields['minMs']:.1f} | {fields['maxMs']:.1f} | {ratio} |")
    return "\n".join(rows)


def read(stream, source):
    return [parse(text, source, n) for n, text in enumerate(stream, 1) if text.strip()]


def main():
    lines = []
    try:
        for path in sys.argv[1:]:
            with open(path, encoding="utf-8") as stream:
                lines += read(stream, path)
        if len(sys.argv) == 1:
            lines = read(sys.stdin, "stdin")
    except (OSError, ValueError) as e:
        sys.exit(f"table: {e}")
    print(table(lines))


if __name__ == "__main__":
    main()
