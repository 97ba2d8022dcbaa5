"""JupyterLab on the notebooks, with the kernel that computes by the reference arithmetic."""

import os
from pathlib import Path

from normlab import kernel


def open_lab(root: Path, arguments: list[str]) -> None:
    """Run JupyterLab until it is stopped, its file browser on notebooks/ of a checkout.

    Parameters
    ----------
    root : Path
        The checkout; all of its files can be opened.
    arguments : list of str
        For `jupyter lab`, such as ``--no-browser`` or the name of a notebook.
    """
    from jupyterlab.labapp import main

    is_root = hasattr(os, "geteuid") and os.geteuid() == 0  # as in a container
    main(
        [
            f"--ServerApp.root_dir={root}",
            "--FileContentsManager.preferred_dir=notebooks",
            f"--MultiKernelManager.default_kernel_name={kernel.NAME}",
            *(["--allow-root"] if is_root else []),
            *arguments,
        ]
    )
