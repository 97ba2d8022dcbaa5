"""A Jupyter kernel that starts in the reference arithmetic: "normlab" in JupyterLab and VS Code.

Every installation of normlab brings it along (``hatch_build.py``), so that papermill, nbconvert
and editors find the kernel that the notebooks ask for.
"""

from normlab import arithmetic

NAME = "normlab"


def description() -> dict:
    """What kernel.json holds; Jupyter takes "python" for the interpreter it runs in itself."""
    options = ["-Xfrozen_modules=off", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    return {
        "argv": ["python", *options],
        "display_name": NAME,
        "language": "python",
        "metadata": {"debugger": True, "supported_encryption": ["curve"]},
        "env": arithmetic.pins(),
    }
