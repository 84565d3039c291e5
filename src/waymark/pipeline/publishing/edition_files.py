"""Make the files of editions besides their PDF, newest edition first, in the background."""

import logging

from waymark.accounts.content_state import FinishedState
from waymark.accounts.queries import content_state
from waymark.core.errors import WaymarkError
from waymark.core.jobs import Clock, Job, JobQueue
from waymark.library.queries.content_notes import content_notes_together
from waymark.publishing import services as publishing

log = logging.getLogger(__name__)

finished = FinishedState()


def make_next_files(clock: Clock) -> bool:
    """Make the files of the next edition that has none; False if all have them."""
    state = content_state()
    if state is None or state.digest == finished.digest:
        return False
    for edition in publishing.editions_without_files():
        try:
            if publishing.make_files(edition, notes_of=content_notes_together, now=clock()):
                return True
        except WaymarkError as error:
            # The PDF is there; an edition that cannot be rendered now must not stop the others.
            log.warning("the files of %s cannot be made: %s", edition, error)
    finished.digest = state.digest
    return False


JOBS = (Job("make files of editions", JobQueue.READING, make_next_files),)
