"""The name of the machine that was measured."""

import os
import platform
from pathlib import Path


def machine():
    """CPU model, cores, load before the first slice, Python; a dict of texts and numbers."""
    return {
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "system": platform.system(),
    }


def describe(machine, versions):
    """One sentence."""
    packages = ", ".join(f"{name} {version}" for name, version in sorted(versions.items()))
    return (
        f"{machine['cpu']}, {machine['cores']} cores, {machine['system']}, "
        f"Python {machine['python']}, {packages}; load average before the start: "
        f"{machine['load']:g}."
    )


def _cpu():
    """The model as the kernel names it, with the widest vectors it has."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    facts = {}
    for line in lines:
        name, _, value = line.partition(":")
        facts.setdefault(name.strip(), value.strip())
    flags = facts.get("flags", "").split()
    wide = next((w for f, w in (("avx512f", ", AVX-512"), ("avx2", ", AVX2")) if f in flags), "")
    model = facts.get("model name", platform.machine())
    if "cpu family" in facts:
        model += f" (family {facts['cpu family']}, model {facts['model']}{wide})"
    return model
