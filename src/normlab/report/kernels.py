"""The kernels of one build: each in an environment of its own, all ended by one call."""

import os


class Kernels:
    """Starts the kernels of a build, from several threads, and can end all at once."""

    def __init__(self):
        self.stopped = False
        self._processes = []

    def manager(self, **variables: str) -> type:
        """A class of kernel managers whose kernels see ``variables`` in their environment."""
        from jupyter_client import AsyncKernelManager

        kernels = self

        class Manager(AsyncKernelManager):
            async def start_kernel(self, **options):
                await super().start_kernel(**options | {"env": os.environ | variables})
                kernels._add(self.provisioner.process)

        return Manager

    def stop(self) -> None:
        """Kill every kernel of this build, now and from now on; papermill sees that they died."""
        self.stopped = True
        for process in list(self._processes):
            process.kill()

    def _add(self, process):
        self._processes.append(process)
        if self.stopped:  # it came too late for `stop` to see it
            process.kill()
