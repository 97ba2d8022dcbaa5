"""Measurements in, docs/speed.md out."""

from benchmarks.machine import describe
from benchmarks.table import (
    SINGLE,
    SWEEPS,
    parts_table,
    pipeline_table,
    ratio_table,
    speed_table,
)
from benchmarks.workloads import WORKLOADS

PAGE = """\
# Speed

How fast normlab trains beside PyTorch, beside JAX, beside the assignment's algorithm written
plainly, and beside a bound that no code on one thread of this BLAS can pass. This page is made by

```
make bench TORCH_PYTHON=/path/to/python JAX_PYTHON=/path/to/python
```

where the variables name interpreters that have PyTorch and JAX. Neither is needed: the rows of a
package that is missing are left out{missing}.

![Speed of all contenders over that of PyTorch, by workload](speed/ratios.svg)

Lines through markers reach from quartile to quartile.

## One net, one process

How often faster; above 1 the first is faster. Median (quartiles) of the ratios within a round.

{single}
{workloads}

## Where the time goes

One net in the reference arithmetic, part by part, medians.

{parts}
Products by the BLAS are most of forward and backward; the bound has them, and Adam in one pass.
What the bound lacks is the rest: gathering, and the loss, which NumPy computes because exp and log
would have other bits elsewhere. Products are not cut into blocks or joined, for that too would
have other bits.

## Sweeps on two cores

Many nets, all that the two cores do together, in net-updates a second.

{sweeps}
## The pipeline

A build of all four notebooks, from `normlab build` to the last page, when every run is stored
already. Beside it, papermill executing one cell. Both are commands timed from the outside.

{pipeline}
## The contenders

All work in float32 on {examples} random images and labels, with Adam at its defaults. An update
is drawing the minibatch, gathering it, loss, gradients and Adam, and the loss as a number.

- **normlab**: one thread, in the reference arithmetic, which pins OpenBLAS and NumPy to the
  AVX2 code that gives the same bits everywhere, by the compiled engine. *Native arithmetic*:
  without these pins.
- **readable layers**: the same bits by the Solver and the layers that a student reads, on one
  thread and with the same pins.
- **PyTorch**: eager, with default and with fused Adam, on 1 and 2 threads. The best of the four
  counts, workload by workload. In sweeps: two processes of one thread, with fused Adam.
- **JAX**: one update compiled as a whole, for one net (*jit*) or eight (*vmap*). It may use both
  cores. Compiling is not counted.
- **plain**: images in float64 and each minibatch cast, every layer allocates its results and
  passes its gradient on, the first one too, Adam one parameter at a time. The best of 1 and 2
  BLAS threads counts.
- **bound**: the matrix products that an update needs, alone, and one pass of Adam over weights
  and moments in C. Reference arithmetic is held against a bound in reference arithmetic, native
  against native. In sweeps: two processes.

Medians of speeds, to place the ratios; they drift with the machine, more than the ratios do:

{speeds}
{sweep_speeds}
## How it is measured

Each contender is a process that stays alive and is asked for slices of {seconds:g} s, all
contenders in turn, in an order drawn anew for each of {rounds} rounds; the pipeline has
{pipeline_rounds} rounds. Each slice trains fresh nets; making them and a tenth of the time to
warm up are not counted. Ratios are taken within a round.

Machine: {machine}

The numbers behind this page are in [measurements.json](speed/measurements.json).
"""


def page(m):
    """The Markdown text for the measurements that benchmarks.speed makes."""
    missing = " and ".join(m["missing"])
    return PAGE.format(
        missing=f"; **here {missing} was missing**" if missing else "; here none was",
        single=ratio_table(m["single"], SINGLE),
        sweeps=ratio_table(m["sweeps"], SWEEPS),
        parts=parts_table(m["parts"]),
        pipeline=pipeline_table(m["pipeline"]),
        workloads="; ".join(f"{name}: {WORKLOADS[name]}" for name in m["single"]) + ".",
        speeds=speed_table(m["single"]),
        sweep_speeds=speed_table(m["sweeps"]),
        machine=describe(m["machine"], m["versions"]),
        rounds=m["rounds"],
        seconds=m["seconds"],
        examples=f"{m['examples']:,}",
        pipeline_rounds=len(next(iter(m["pipeline"].values()))),
    )
