"""Whether a report can be published: its hidden text, scanned pages and anonymity together."""

from waymark.documents.models import Report
from waymark.documents.services.anonymity import reason_not_anonymous
from waymark.documents.services.hidden_text import reason_held_back
from waymark.documents.services.recognition import reason_unread


def reason_undecided(report: Report) -> str:
    """Reasons why hidden text or alerts prevent publication, as the end of a sentence; or ""."""
    return _joined(reason_held_back(report), reason_not_anonymous(report))


def reason_not_ready(report: Report) -> str:
    """Reasons why a report cannot be published yet, as the end of a sentence; "" if it can."""
    return _joined(reason_undecided(report), reason_unread(report))


def _joined(*reasons: str) -> str:
    return ", and it ".join(filter(None, reasons))
