"""Jobs of the background workers: what each does, and in which queue (no Django)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

Clock = Callable[[], datetime]


class JobQueue(StrEnum):
    """Queue of jobs with a worker of its own.

    READING: may take minutes, for a long file or a mail server that does not answer. UPKEEP: must
    not be late by more than a minute: removals, expiry, the search index.
    """

    READING = "reading"
    UPKEEP = "upkeep"


@dataclass(frozen=True, slots=True)
class Job:
    """A kind of background work. run: does the next pending task; False if there is none.

    Pending tasks are states in the database, so any number of workers may run the same job, and one
    that is killed loses nothing.
    """

    name: str
    queue: JobQueue
    run: Callable[[Clock], bool]


@contextmanager
def returned_on_stop(give_back: Callable[[], object]) -> Iterator[None]:
    """Give a leased task back if the process is told to stop meanwhile; then stop.

    The next worker takes it up at once, and no attempt counts: the task is not at fault. A process
    that is killed cannot do so: its lease runs out.
    """
    try:
        yield
    except (SystemExit, KeyboardInterrupt):
        give_back()
        raise


HOUR = timedelta(hours=1)


class PacedRun:
    """Work of one worker that is done once in each period. every: its length."""

    def __init__(self, run: Callable[[datetime], bool], every: timedelta) -> None:
        self.run, self.every = run, every
        self.ran_at: datetime | None = None

    def __call__(self, clock: Clock) -> bool:
        """Run if the period has passed; True if anything was done."""
        now = clock()
        if self.ran_at is not None and timedelta() <= now - self.ran_at < self.every:
            return False
        self.ran_at = now
        return self.run(now)


class HourlyRun(PacedRun):
    """Work of one worker that is done once an hour: what is due changes once a day."""

    def __init__(self, run: Callable[[datetime], bool]) -> None:
        super().__init__(run, HOUR)
