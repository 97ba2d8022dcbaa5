"""Who trains: processes of this machine, or of a dask cluster."""

import os

from normlab.handover import SCHEDULER, WORKERS
from normlab.report.errors import BuildError


def name_who_trains(options):
    """Tell the kernels where runs are to be made."""
    from normlab.runs import dask_processes

    if options.workers and options.scheduler:
        raise BuildError("--workers are of this machine, --scheduler is of a cluster; give one")
    if options.workers:
        os.environ[WORKERS] = str(options.workers)
    os.environ.update(dask_processes.tls(options.tls_ca, options.tls_cert, options.tls_key))
    if options.scheduler:
        os.environ[SCHEDULER] = dask_processes.address_of(options.scheduler)
        dask_processes.check_installed("--scheduler")
        dask_processes.check_answers(os.environ[SCHEDULER])


def worker(options) -> int:
    """Become dask workers with the pins."""
    from normlab.runs import dask_processes

    address = dask_processes.address_of(options.address)
    variables = dask_processes.tls(options.tls_ca, options.tls_cert, options.tls_key)
    dask_processes.check_installed("normlab worker")
    dask_processes.become_workers(address, options.nworkers, variables)


def scheduler(options) -> int:
    """Become a dask scheduler."""
    from normlab.runs import dask_processes

    variables = dask_processes.tls(options.tls_ca, options.tls_cert, options.tls_key)
    dask_processes.check_installed("normlab scheduler")
    where = options.host, options.port, options.scheduler_file
    dask_processes.become_scheduler(*where, variables)
