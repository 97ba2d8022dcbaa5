"""How much a notebook may take before it is stopped."""

from typing import NamedTuple

from normlab.report.errors import BuildError

_MOST = 1e9


class Limits(NamedTuple):
    """Limits of each notebook of a build; the options of ``normlab build`` set them."""

    timeout: float = 7200
    """Seconds for the whole notebook."""
    cell_timeout: float = 3600
    """Seconds for one cell."""
    max_output: float = 10
    """Megabytes that all its cells may show."""
    max_runs: int = 5000
    """Training runs in one sweep."""

    def check(self) -> None:
        """Refuse a limit under which nothing could run."""
        for name, value in self._asdict().items():
            if not 0 < value <= _MOST:
                raise BuildError(
                    f"{option(name)} {value}: expected a number above 0, at most {_MOST:g}"
                )


def option(name: str) -> str:
    """How a person types a limit."""
    return "--" + name.replace("_", "-")
