"""Workers of a Dask cluster as an executor. Only work that is to run there imports Dask.

The scheduler's memory is never the truth: it forgets all when it ends, and gives a part again to
another worker when one dies. So the work of a part writes its own result, and this module hands
back only what is done, lost or failed.
"""

import pickle
import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any, TypeVar

from waymark.core.errors import ServiceUnavailable, WaymarkError
from waymark.core.executor import PartLost
from waymark.core.extras import OptionalModule

distributed = OptionalModule("distributed", "dask")

Part = TypeVar("Part")
Result = TypeVar("Result")

CONNECT_SECONDS = 10.0
"""Seconds in which the scheduler must answer, and the first worker must be there."""
ALONE_SECONDS = 60.0
"""Seconds without any worker after which work is given up: one that died is restarted in fewer."""
LOOK_EVERY = 2.0
AHEAD = 2
"""Parts for each worker that are handed out before the results of earlier ones are used."""


class DaskExecutor:
    """The workers of a cluster that offer a resource, one part to each at a time.

    resource: "waymark-3f9c01ab-1", for example, so that no worker of another installation or
    version gets a part. alone_seconds: see ALONE_SECONDS. Every method raises ServiceUnavailable
    if the scheduler or its workers are gone.
    """

    def __init__(self, client: Any, address: str, resource: str, alone_seconds: float) -> None:
        self._client, self._address = client, address
        self._resource, self._alone_seconds = resource, alone_seconds

    @property
    def places(self) -> int:
        """Number of workers that are connected now."""
        try:
            workers = self._client.scheduler_info(n_workers=-1)["workers"].values()
        except OSError as error:
            raise _scheduler_gone(self._address) from error
        return sum(self._resource in worker["resources"] for worker in workers)

    def outcomes(
        self, function: Callable[[Part], Result], parts: Iterable[Part]
    ) -> Iterator[tuple[Part, Result | PartLost]]:
        """Yield each part with its result as it is done.

        A part that is given to another worker, since its own has died, may be done twice. After
        the scheduler's number of allowed failures it is lost, also if it had no part in them.
        """
        remaining = iter(parts)
        under_way: dict[Any, Part] = {}
        try:
            while True:
                # Asked again each time: workers come and go.
                room = AHEAD * max(1, self.places) - len(under_way)
                for part in islice(remaining, max(0, room)):
                    under_way[self._submit(function, part)] = part
                if not under_way:
                    return
                for future in self._done(list(under_way)):
                    yield under_way.pop(future), _outcome_of(future, self._address)
        finally:
            for future in under_way:
                future.cancel()

    def wait_for_worker(self) -> None:
        """Return once a worker is there. Raises ServiceUnavailable after CONNECT_SECONDS."""
        until = time.monotonic() + CONNECT_SECONDS
        while not self.places:
            if time.monotonic() > until:
                raise self._no_worker()
            time.sleep(0.2)

    def _submit(self, function: Callable[[Part], Result], part: Part) -> Any:
        return self._client.submit(
            _run_packed,
            # The scheduler unpacks what it is given, and has no Django.
            pickle.dumps((function, part)),
            # Never that of an earlier run, whose failure the scheduler might still know.
            key=f"waymark-{secrets.token_hex(8)}",
            pure=False,
            resources={self._resource: 1},
        )

    def _done(self, futures: list[Any]) -> list[Any]:
        """Those that are done, at least one; waits for it while there are workers."""
        seen = time.monotonic()
        while True:
            try:
                done, _ = distributed.wait(
                    futures, timeout=LOOK_EVERY, return_when="FIRST_COMPLETED"
                )
                return list(done)
            except TimeoutError:
                if self.places:
                    seen = time.monotonic()
                elif time.monotonic() - seen > self._alone_seconds:
                    raise self._no_worker() from None
            except distributed.client.FuturesCancelledError as error:
                raise _scheduler_gone(self._address) from error

    def _no_worker(self) -> ServiceUnavailable:
        return ServiceUnavailable(
            f"no worker of this installation and version is connected to {self._address}: start "
            "waymark dask-worker"
        )


@contextmanager
def dask_executor(
    address: str, resource: str, *, alone_seconds: float = ALONE_SECONDS
) -> Iterator[DaskExecutor]:
    """The workers of the cluster whose scheduler is at an address, such as tcp://10.0.0.5:8786.

    Raises MissingExtra without Dask, ServiceUnavailable if no scheduler or no worker is there.
    """
    check_certificates(address, "client")
    try:
        client = distributed.Client(address, timeout=CONNECT_SECONDS)
    except (OSError, ValueError) as error:
        raise _scheduler_gone(address) from error
    with client:
        executor = DaskExecutor(client, address, resource, alone_seconds)
        executor.wait_for_worker()
        yield executor


def check_certificates(address: str, role: str) -> None:
    """Raise ServiceUnavailable if an address needs certificates that are not there.

    role: "client" for commands, "worker" for workers; Dask has settings for each.
    """
    if not address.startswith("tls://"):
        return
    try:
        context = distributed.Security().get_connection_args(role)["ssl_context"]
    except OSError as error:
        raise ServiceUnavailable(
            f"the certificates for {address} cannot be read ({error}): see docs/dask.md"
        ) from error
    if context is None:
        raise ServiceUnavailable(
            f"WAYMARK_DASK is tls://, but no certificates are set for a {role}: see docs/dask.md"
        )


def _run_packed(packed: bytes) -> Any:
    """Do a part; runs in a worker."""
    # From a command of this installation: who could send another one could also send any program.
    function, part = pickle.loads(packed)  # noqa: S301
    return function(part)


def _outcome_of(future: Any, address: str) -> Any:
    if future.status == "finished":
        return future.result()
    if future.status != "error":
        raise _scheduler_gone(address)
    error = future.exception()
    if isinstance(error, distributed.KilledWorker):
        return PartLost()
    if isinstance(error, WaymarkError):
        raise error
    message = " ".join(str(error).split())
    raise ServiceUnavailable(f"a worker of {address} failed: {type(error).__name__}: {message}")


def _scheduler_gone(address: str) -> ServiceUnavailable:
    return ServiceUnavailable(
        f"the Dask scheduler at {address} does not answer, or was restarted: check that it runs "
        "and that WAYMARK_DASK is right"
    )
