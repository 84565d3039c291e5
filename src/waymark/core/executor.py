"""Where the parts of long work run: in processes of this machine, or by workers of a cluster."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol, TypeVar

from waymark.core.errors import ServiceUnavailable
from waymark.core.parallel import in_parallel

Part = TypeVar("Part")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class PartLost:
    """Outcome of a part whose worker ended each time it was tried; some of it may be done."""


class Executor(Protocol):
    """Does the same with many parts.

    The work of a part writes its own result, and may be done twice, even at the same time: what an
    executor hands back only says that it is done.
    """

    @property
    def places(self) -> int:
        """Number of parts that are worked on at once."""

    def outcomes(
        self, function: Callable[[Part], Result], parts: Iterable[Part]
    ) -> Iterator[tuple[Part, Result | PartLost]]:
        """Yield each part with its result as it is done; what the function raises is raised.

        function, parts and results must be values that can be pickled. Only a few parts are taken
        ahead, so memory does not grow with their number.
        """


@dataclass(frozen=True, slots=True)
class LocalExecutor:
    """Copies of this process, which end with it. places: 1 to work here.

    With more than one no connection to a database may be open: two processes must not use one.
    """

    places: int

    def outcomes(
        self, function: Callable[[Part], Result], parts: Iterable[Part]
    ) -> Iterator[tuple[Part, Result | PartLost]]:
        """Yield each part with its result, in order."""
        taken: deque[Part] = deque()

        def noted() -> Iterator[Part]:
            for part in parts:
                taken.append(part)
                yield part

        for result in in_parallel(function, noted(), processes=self.places):
            yield taken.popleft(), result


HERE = LocalExecutor(1)
"""Every part in this process, one after another."""


def outcomes_tried_again(
    executor: Executor,
    function: Callable[[Part], Result],
    parts: Iterable[Part],
    split: Callable[[Part], Iterable[Part]] = lambda part: (part,),
) -> Iterator[tuple[Part, Result | PartLost]]:
    """Yield each part with its result; those that are lost are tried again, each alone.

    With nothing beside it, so that a part which ends its workers is known by that. split: makes
    smaller parts of one that is lost.
    """
    lost: list[Part] = []
    for part, result in executor.outcomes(function, parts):
        if isinstance(result, PartLost):
            lost.extend(split(part))
        else:
            yield part, result
    for part in lost:
        yield from executor.outcomes(function, [part])


def all_results(
    executor: Executor, function: Callable[[Part], Result], parts: Iterable[Part], lost: str
) -> Iterator[Result]:
    """Yield the result of each part as it is done. Raises ServiceUnavailable if one is lost."""
    for _, result in executor.outcomes(function, parts):
        if isinstance(result, PartLost):
            raise ServiceUnavailable(lost)
        yield result
