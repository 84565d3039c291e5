"""Worker of a Dask cluster: Dask's own program, which starts Waymark in each of its processes."""

import os
import sys
from typing import Any

import click

from waymark.cli.common import give_files_to_owner, main, start_django
from waymark.cli.errors import InstallationCommand
from waymark.core.errors import ServiceUnavailable
from waymark.core.extras import require_extra

PROGRAM = "distributed.cli.dask_worker"


@main.command("dask-worker", cls=InstallationCommand)
@click.option(
    "--processes",
    type=click.IntRange(1, 64),
    default=2,
    show_default=True,
    help="Files read at a time.",
)
def dask_worker_command(*, processes: int) -> None:
    """Work for the Dask cluster of WAYMARK_DASK until stopped: read files and store them."""
    start_django()
    from django.conf import settings

    from waymark.accounts.cluster import cluster_resource
    from waymark.core.dask_executor import check_certificates

    if not settings.DASK:
        raise ServiceUnavailable("set WAYMARK_DASK to the address of the Dask scheduler")
    require_extra("dask")
    check_certificates(settings.DASK, "worker")
    words = [settings.DASK, "--nworkers", str(processes), "--nthreads", "1", "--no-dashboard"]
    # Dask would give each process its share of the memory of the machine, and end one that uses
    # more: the child that reads a file has limits of its own.
    words += ["--memory-limit", "0"]
    # One part at a time, and only from commands of this installation and version.
    words += ["--resources", f"{cluster_resource()}=1", "--preload", __name__]
    # This process never ends, so nothing is done at its end.
    give_files_to_owner()
    # In place of this process, so that signals of the service reach Dask's program.
    os.execv(sys.executable, [sys.executable, "-m", PROGRAM, *words])  # noqa: S606


async def dask_setup(worker: Any) -> None:
    """Start Waymark in a process of a worker; Dask calls this before the first task."""
    import asyncio

    try:
        # In a thread, as Django does not open its database where tasks of asyncio run.
        await asyncio.to_thread(_start)
    except BaseException as error:
        # Dask would only log it and go on with a worker that fails at every file.
        click.echo(f"waymark dask-worker: {error}", err=True)
        os._exit(1)


def _start() -> None:
    start_django()
    from django.db import connections

    # Of this thread: the tasks run in another one, which opens its own.
    connections.close_all()
