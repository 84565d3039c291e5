"""Requests for a copy, a loan or a visit: what they have besides their messages."""

from dataclasses import dataclass
from datetime import datetime

from waymark.core.errors import RuleError
from waymark.enquiries.declaration import current_declaration
from waymark.enquiries.models import CopyRequest, Enquiry, WantedForm
from waymark.library.models import Resource


@dataclass(frozen=True, slots=True)
class CopyDetails:
    """What a copy request asks for; models.CopyRequest explains the fields.

    declared: the asker confirmed each point of the current declaration.
    """

    resource: Resource
    wanted: str
    part: str = ""
    declared: bool = False


def store_copy_request(enquiry: Enquiry, details: CopyDetails, now: datetime) -> CopyRequest:
    """Store a copy request in the caller's transaction. Raises RuleError.

    A copy is made for who declares what the law asks for, gives a name, and says which part.
    """
    if details.wanted not in WantedForm.values:
        raise RuleError("choose a copy, a loan or a visit")
    is_copy = details.wanted == WantedForm.COPY
    if is_copy and not (details.declared and enquiry.name and details.part.strip()):
        raise RuleError("a copy needs your name, the part, and each point of the declaration")
    return CopyRequest.objects.create(
        enquiry=enquiry,
        resource=details.resource,
        wanted=WantedForm(details.wanted),
        part=" ".join(details.part.split())[:300],
        declaration=current_declaration().version if is_copy else "",
        declared_at=now if is_copy else None,
    )
