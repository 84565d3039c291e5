"""Write the files of data for everybody, and delete those of a state that is over."""

from waymark.core.jobs import Job, JobQueue
from waymark.datasets.stored_tables import remove_outdated_files, write_missing_file

JOBS = (
    Job("delete outdated files of data", JobQueue.UPKEEP, remove_outdated_files),
    # A large table takes many seconds, which the removals of the other queue must not wait for.
    Job("write files of data", JobQueue.READING, write_missing_file),
)
