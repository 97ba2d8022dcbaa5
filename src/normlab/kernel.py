"""A Jupyter kernel of this environment that starts in the reference arithmetic.

JupyterLab and VS Code offer it as "normlab". Install it by ``python -m normlab.kernel``;
``make setup`` does.
"""

import sys

from normlab import arithmetic

NAME = "normlab"


def install() -> str:
    """Write the kernel's description below ``sys.prefix``; returns the folder."""
    from ipykernel.kernelspec import install as install_spec

    return install_spec(
        prefix=sys.prefix, kernel_name=NAME, display_name=NAME, env=arithmetic.pins()
    )


if __name__ == "__main__":
    install()
