"""What hatchling does beside packing src/normlab: it gives every installation the kernel."""

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class KernelHook(BuildHookInterface):
    """Describes the kernel as `normlab.kernel` does, where Jupyter looks for kernels."""

    def initialize(self, version, build_data):
        """Add kernel.json to the wheel, also to that of an editable installation."""
        sys.path.insert(0, str(Path(self.root) / "src"))
        from normlab import kernel

        self._folder = TemporaryDirectory()
        path = Path(self._folder.name) / "kernel.json"
        path.write_text(json.dumps(kernel.description(), indent=1) + "\n", "utf-8")
        build_data["shared_data"][str(path)] = f"share/jupyter/kernels/{kernel.NAME}/kernel.json"

    def finalize(self, version, build_data, artifact_path):
        """Remove what only the wheel needed."""
        self._folder.cleanup()
