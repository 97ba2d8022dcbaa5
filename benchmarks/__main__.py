"""Measure, print a table, and write the page with its figures: ``make bench``.

The pages lie in docs/, and beside them what was measured, so that `--draw` makes a page again
without measuring.
"""

import argparse
import json
import os
import re
import sys
from pathlib import Path

from benchmarks import cluster, convolution, figure, growth, growth_page, lineup, page
from benchmarks.rounds import ROOT
from benchmarks.speed import speed
from benchmarks.table import SINGLE, SWEEPS, pipeline_table, ratio_table
from normlab.show.svg import svg


def main():
    options = _options()
    folder = options.docs / options.command
    store = folder / "measurements.json"
    if not options.draw:
        folder.mkdir(parents=True, exist_ok=True)
        store.write_text(_json(_measure(options)), "utf-8")
    measured = json.loads(store.read_text("utf-8"))
    write = {
        "speed": write_speed,
        "growth": write_growth,
        "convolution": write_convolution,
        "cluster": write_cluster,
    }[options.command]
    for name, text in write(measured).items():
        (options.docs / name).write_text(text, "utf-8")


def _measure(options):
    if os.getloadavg()[0] > 0.5:
        print(f"benchmarks: the machine is busy (load {os.getloadavg()[0]:.1f})", file=sys.stderr)
    if options.command == "growth":
        return growth.growth(options.rounds or 7, options.seconds, _Progress)
    if options.command == "convolution":
        python = lineup.find(options.torch_python, None).torch
        return convolution.convolution(python, options.rounds or 15, options.seconds, _Progress)
    if options.command == "cluster":
        return cluster.overhead(options.rounds or 5, _Progress)
    pythons = lineup.find(options.torch_python, options.jax_python)
    return speed(pythons, options.rounds or 15, options.seconds, _Progress)


def write_speed(measured):
    """Print the tables; the files of the page, by name."""
    for part, comparisons in (("single", SINGLE), ("sweeps", SWEEPS)):
        print(f"{part}\n{ratio_table(measured[part], comparisons)}")
    print(pipeline_table(measured["pipeline"]))
    for name in measured["missing"]:
        print(f"left out, since not found: {name}")
    drawn = figure.ratios(measured["single"], measured["sweeps"])
    return {"speed.md": page.page(measured), "speed/ratios.svg": svg(drawn, "ratios") + "\n"}


def write_growth(measured):
    """Print the page; its files, by name."""
    files = {"growth.md": growth_page.page(measured, growth.BASE)}
    print(files["growth.md"])
    for axis in growth.AXES:
        points = measured["speeds"][axis.name]
        drawn = growth_page.figure(axis, points, measured["machine"]["cores"])
        files[f"growth/{axis.name}.svg"] = svg(drawn, axis.name)
    return files


def write_convolution(measured):
    """Print the page, and return it by name."""
    text = convolution.page(measured)
    print(text)
    return {"convolution.md": text}


def write_cluster(measured):
    """Print what a group costs; docs/cluster.md with it at its end."""
    text = cluster.page(measured, (ROOT / "docs/cluster.md").read_text("utf-8"))
    print(text.partition(cluster.HEADING)[2])
    return {"cluster.md": text}


class _Progress:
    """Where the measurement is, on the error stream."""

    @staticmethod
    def of(part):
        def say(text):
            end = "\r" if sys.stderr.isatty() else "\n"
            print(f"{part}: {text}".ljust(60), end=end, file=sys.stderr, flush=True)

        return say


def _json(measured):
    """JSON with four digits a number, one list of numbers a line."""
    text = json.dumps(measured, indent=1)
    text = re.sub(r"(?m)(?<= )\d+\.\d+(?=,?$)", lambda number: f"{float(number[0]):.4g}", text)
    lists = re.sub(r"\[[^][{}\"]*\]", lambda numbers: " ".join(numbers[0].split()), text)
    return lists.replace("[ ", "[").replace(" ]", "]") + "\n"


def _options():
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("command", choices=("speed", "growth", "convolution", "cluster"))
    parser.add_argument("--torch-python", metavar="PATH", help="an interpreter that has PyTorch")
    parser.add_argument("--jax-python", metavar="PATH", help="an interpreter that has JAX")
    parser.add_argument("--rounds", type=int, help="default: 15, growth 7, cluster 5")
    parser.add_argument("--seconds", type=float, default=0.3, help="length of a slice")
    parser.add_argument("--docs", type=Path, default=ROOT / "docs", help="where the page goes")
    parser.add_argument("--draw", action="store_true", help="make the page anew, measure nothing")
    return parser.parse_args()


if __name__ == "__main__":
    main()
