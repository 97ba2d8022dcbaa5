"""Where the time of an update goes, part by part: ``python -m benchmarks.parts``.

Timers stand around the parts of the fast trainer, in a process of its own with the pins of the
reference arithmetic. What is left of an update is Python between the parts.
"""

import json
import os
import statistics
import subprocess
import sys
import time

from benchmarks.contenders import ours
from benchmarks.rounds import ROOT
from benchmarks.workloads import WORKLOADS
from normlab import arithmetic

GATHER, FIRST, HIDDEN = "gather the minibatch", "first layer, forward", "other layers, forward"
OUTPUT, BACKWARD = "output and loss, both ways", "hidden layers, backward"
GRADIENT, RULE, REST = "gradient of the first weights", "Adam", "the rest"
UPDATES = 300


def parts():
    """Microseconds of each part in an update, medians: workload -> part -> number."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.parts"], cwd=ROOT, check=True, text=True,
        stdout=subprocess.PIPE, env=os.environ | arithmetic.pins(),
    )  # fmt: skip
    return json.loads(done.stdout)


def _parts_of(workload):
    trainer = ours.trainer(workload, nets=1)
    spent = dict.fromkeys((GATHER, FIRST, HIDDEN, OUTPUT, BACKWARD, RULE), 0.0)
    first, *others = trainer.blocks
    for part, owner, name in (
        (GATHER, trainer, "_draw"),
        (FIRST, first, "forward"),
        *((HIDDEN, block, "forward") for block in others),
        *((OUTPUT, trainer.output, name) for name in ("loss", "backward")),
        *((BACKWARD, block, "backward") for block in trainer.blocks),
        (RULE, trainer.rule, "apply"),
        (GRADIENT, trainer, "_update"),
    ):
        _time(spent, part, owner, name)
    rounds = []
    for _ in range(UPDATES):
        spent.update(dict.fromkeys(spent, 0.0))
        began = time.perf_counter()
        trainer.step()
        whole = time.perf_counter() - began
        spent[GRADIENT] -= spent[RULE]  # which is called inside
        rounds.append(spent | {REST: whole - sum(spent.values())})
    return {part: 1e6 * statistics.median(r[part] for r in rounds) for part in rounds[0]}


def _time(spent, part, owner, name):
    """Let a method of an object add the time that it takes."""
    method = getattr(owner, name)
    spent[part] = 0.0

    def timed(*arguments):
        began = time.perf_counter()
        result = method(*arguments)
        spent[part] += time.perf_counter() - began
        return result

    setattr(owner, name, timed)


if __name__ == "__main__":
    print(json.dumps({name: _parts_of(workload) for name, workload in WORKLOADS.items()}))
