"""Whether a report can be published: its hidden text, scanned pages and anonymity together."""

from waymark.documents.models import Report
from waymark.documents.services.anonymity import reason_not_anonymous
from waymark.documents.services.hidden_text import reason_held_back
from waymark.documents.services.recognition import reason_unread


def reason_not_ready(report: Report) -> str:
    """Reasons why a report cannot be published yet, as the end of a sentence; "" if it can."""
    reasons = (reason_held_back(report), reason_unread(report), reason_not_anonymous(report))
    return ", and it ".join(filter(None, reasons))
