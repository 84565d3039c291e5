"""Write the files of data for everybody, and delete those of a state that is over."""

from django.db import connections

from waymark.core.jobs import Clock, Job, JobQueue
from waymark.core.parallel import at_low_priority
from waymark.datasets.stored_tables import missing_file, remove_outdated_files, write_file


def write_missing_file(clock: Clock) -> bool:
    """Write one file that is missing, while pages come first; False if none is missing."""
    missing = missing_file(clock)
    if missing is None:
        return False

    def write() -> None:
        try:
            write_file(*missing)
        finally:
            connections.close_all()

    at_low_priority(write)
    return True


JOBS = (
    Job("delete outdated files of data", JobQueue.UPKEEP, remove_outdated_files),
    # A large table takes many seconds, which the removals of the other queue must not wait for.
    Job("write files of data", JobQueue.READING, write_missing_file),
)
