"""JupyterLab on the notebooks, with the kernel that computes by the reference arithmetic."""

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

    Effects: installs the kernel named normlab where there is none.
    """
    from jupyter_client.kernelspec import KernelSpecManager
    from jupyterlab.labapp import main

    if kernel.NAME not in KernelSpecManager().find_kernel_specs():
        kernel.install()
    main(
        [
            f"--ServerApp.root_dir={root}",
            "--FileContentsManager.preferred_dir=notebooks",
            f"--MultiKernelManager.default_kernel_name={kernel.NAME}",
            *arguments,
        ]
    )
