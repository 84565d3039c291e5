"""Addresses that bodies have registered, and what those who enter by a link may see."""

from datetime import datetime
from hashlib import sha256

from django.db.models import Q, QuerySet

from waymark.accounts.permissions import Actor, require_permission
from waymark.accounts.visibility import OPEN_TO_STAFF
from waymark.bodies.models import Body, BodySuccession
from waymark.core.errors import NotFound, require_found
from waymark.recommendations.models import Addressee, BodyContact, ContactLink

RECORD = "record progress"


def digest_of(token: str) -> str:
    """Digest under which the token of a link is stored."""
    return sha256(token.encode()).hexdigest()


def contacts_of(body: Body, person: Actor) -> list[BodyContact]:
    """The addresses of a body. Raises NotPermitted."""
    require_permission(person, RECORD)
    return list(BodyContact.objects.filter(Q(body=body) | Q(body__merged_into=body)))


def open_link(token: str, now: datetime) -> ContactLink:
    """The link of a token that has not been used and is not too old. Raises NotFound."""
    rows = ContactLink.objects.filter(used_at=None, expires_at__gt=now)
    row = rows.select_related("contact__body").filter(digest=digest_of(token)).first()
    return require_found(row, "this link has been used or is too old: ask for a new one")


def contact_with(number: object) -> BodyContact | None:
    """The contact of a number; None if it was removed."""
    if not isinstance(number, int):
        return None
    return BodyContact.objects.select_related("body__merged_into").filter(pk=number).first()


def bodies_of(contact: BodyContact) -> set[int]:
    """Primary keys of the bodies for which a contact reports: its own and those it took over from.

    With their duplicates, and those that were merged into any of them.
    """
    body = contact.body.merged_into or contact.body
    reached: set[int] = set()
    waiting = {body.pk}
    while waiting:
        reached |= waiting
        same = Q(pk__in=waiting) | Q(merged_into__in=waiting)
        group = set(Body.objects.filter(same).values_list("pk", flat=True))
        earlier = BodySuccession.objects.filter(later__in=group)
        before = set(earlier.values_list("earlier", flat=True))
        merged = Body.objects.filter(pk__in=before, merged_into__isnull=False)
        before |= {body.merged_into_id for body in merged if body.merged_into_id is not None}
        waiting = (group | before) - reached
    return reached


def own_addressees(contact: BodyContact) -> QuerySet[Addressee]:
    """The addressees for which a contact reports, the latest first; none of removed reviews."""
    rows = Addressee.objects.filter(
        body__in=bodies_of(contact), review__state__in=OPEN_TO_STAFF
    ).exclude(told_on=None)
    return rows.select_related("review", "body").order_by("-told_on", "pk")


def own_addressee(contact: BodyContact, number: int) -> Addressee:
    """One of the addressees for which a contact reports. Raises NotFound."""
    row = own_addressees(contact).filter(pk=number).first()
    if row is None:
        raise NotFound(f"there is no recommendation {number} for {contact.body}")
    return row
