"""Where a publication can be read: added and removed by cataloguers."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator

from waymark.accounts import audit
from waymark.accounts.permissions import Actor, require_permission
from waymark.core.errors import RuleError
from waymark.library.models import Holding, HoldingKind, Resource

MOST_HOLDINGS = 40
_web_address = URLValidator(schemes=["http", "https"])


@audit.serialized
def add_holding(
    *,
    by: Actor,
    resource: Resource,
    kind: str,
    now: datetime,
    place: str = "",
    address: str = "",
    note: str = "",
) -> Holding:
    """Add a place or way to get a publication. Raises NotPermitted, RuleError.

    What is free online needs its web address, what a library holds its name.
    """
    require_permission(by, "catalogue")
    place, note = " ".join(place.split())[:200], " ".join(note.split())[:300]
    if kind not in HoldingKind.values:
        raise RuleError("choose how people can get it")
    if address:
        try:
            _web_address(address)
        except ValidationError as error:
            raise RuleError("enter a full web address that starts with https://") from error
    if kind == HoldingKind.OPEN and not address:
        raise RuleError("enter the web address where it is free to read")
    if kind == HoldingKind.SHELF and not place:
        raise RuleError("enter the name of the library that holds it")
    if resource.holdings.count() >= MOST_HOLDINGS:
        raise RuleError(f"a publication has at most {MOST_HOLDINGS} places: remove one first")
    row, _ = Holding.objects.get_or_create(
        resource=resource,
        kind=HoldingKind(kind),
        place=place,
        address=address[:500],
        defaults={"note": note},
    )
    audit.record_about(by, "add holding", resource, now, kind=kind, place=place)
    return row


@audit.serialized
def remove_holding(*, by: Actor, resource: Resource, holding: int, now: datetime) -> None:
    """Remove a place. One that is gone already is no error. Raises NotPermitted."""
    require_permission(by, "catalogue")
    row = Holding.objects.filter(pk=holding, resource=resource).first()
    if row is None:
        return
    kind, place = row.kind, row.place
    row.delete()
    audit.record_about(by, "remove holding", resource, now, kind=kind, place=place)
