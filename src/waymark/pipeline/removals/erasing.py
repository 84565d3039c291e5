"""Erase the file of a report, with its words in what programs made of it."""

from datetime import datetime

from waymark.accounts import audit
from waymark.accounts.permissions import Actor
from waymark.coding import services as coding
from waymark.documents import services as documents
from waymark.documents.models import Report


@audit.serialized
def erase_file(*, by: Actor, report: Report, now: datetime) -> None:
    """Erase a file permanently, every text read from it, and what programs learned from that.

    Raises as documents.services.erase_original.
    """
    documents.erase_original(by=by, report=report, now=now)
    coding.erase_machine_words(by=by, report=report, now=now)
