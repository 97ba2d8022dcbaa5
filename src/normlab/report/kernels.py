"""The kernels of one build: each in an environment of its own, all ended by one call.

A kernel is the first of a group of processes. Its workers belong to the group, and so does what
a cell starts, unless it leaves the group by itself. The whole group ends with the notebook.
"""

import contextlib
import os
import signal
from pathlib import Path

from normlab.report import lifeline
from normlab.report.errors import BuildError

_OPEN_FILES = 64  # that a kernel needs, and a build without its notebooks
_MORE_OPEN_FILES = 32  # that a build needs for each notebook
_LEFT_OUT = "PYTHONSTARTUP"  # a person's habits, which a kernel would run


class Kernel:
    """The kernel of one notebook."""

    def __init__(self, log, variables):
        self.reason = ""  # why it was ended before its time
        self.notebook = None  # what it runs, with the outputs up to now
        self.closed = False
        self._log, self._variables = log, variables
        self._process = self._lifeline = None

    def manager(self) -> type:
        """The class of kernel managers that starts this kernel, out of this environment alone."""
        from jupyter_client import AsyncKernelManager
        from jupyter_client.kernelspec import KernelSpecManager
        from traitlets import default

        kernel = self

        class Manager(AsyncKernelManager):
            @default("kernel_spec_manager")
            def _only_the_one_of_this_python(self):
                return KernelSpecManager(parent=self, kernel_dirs=[])

            async def start_kernel(self, **options):
                environment = {k: v for k, v in os.environ.items() if k != _LEFT_OUT}
                options["env"] = environment | kernel._variables
                try:
                    with kernel._tied(options), open(kernel._log, "ab") as log:
                        options |= {"stdout": log, "stderr": log}  # what no cell catches
                        await super().start_kernel(**options)
                finally:
                    kernel._process = self.provisioner and self.provisioner.process
                if kernel.reason:  # it came too late for `end` to see it
                    kernel.kill()

        return Manager

    def end(self, reason: str) -> None:
        """Kill it, now or as soon as it starts; papermill sees that it died."""
        self.reason = self.reason or reason
        self.kill()

    def kill(self) -> None:
        """Kill the process and all of its group that is left."""
        process = self._process
        if process is None:
            return
        if hasattr(os, "killpg"):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()

    def close(self) -> None:
        """Kill what is left; from now on its number may belong to another process."""
        self.kill()
        self._process, self.closed = None, True
        if self._lifeline is not None:
            os.close(self._lifeline)
            self._lifeline = None

    @contextlib.contextmanager
    def _tied(self, options):
        """Let the kernel that starts inside with these options end with this process."""
        if os.name != "posix":  # ipykernel waits for its parent there
            yield
            return
        theirs, self._lifeline = os.pipe()
        options["pass_fds"] = (theirs,)
        options["env"][lifeline.FILE] = str(theirs)
        options["extra_arguments"] = [f"--IPKernelApp.extra_extensions={lifeline.__name__}"]
        try:
            yield
        finally:
            os.close(theirs)


class Kernels:
    """Makes the kernels of a build, for several threads, and can end all at once."""

    def __init__(self):
        self.stopped = False
        self._kernels = []

    def new(self, log: Path, **variables: str) -> Kernel:
        """A kernel that will see ``variables`` in its environment.

        What it says before and beside its cells, as when it crashes, goes to the end of ``log``.
        BuildError if so few files may be open at a time that it would hang.
        """
        kernel = Kernel(log, variables)
        self._kernels.append(kernel)
        running = sum(not other.closed for other in self._kernels)
        try:
            _check_open_files(_OPEN_FILES + _MORE_OPEN_FILES * running)
        except BuildError:
            kernel.close()
            raise
        if self.stopped:
            kernel.end("lost its kernel when the build was stopped")
        return kernel

    def stop(self) -> None:
        """End every kernel of this build, now and from now on."""
        self.stopped = True
        for kernel in list(self._kernels):
            kernel.end("lost its kernel when the build was stopped")


def _check_open_files(needed):
    if os.name != "posix":
        return
    import resource

    allowed, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if 0 <= allowed < needed:
        raise BuildError(
            f"Too many open files: {allowed} are allowed at a time, and {needed} are needed; "
            "allow more by `ulimit -n 1024`, or try --jobs 1"
        )
