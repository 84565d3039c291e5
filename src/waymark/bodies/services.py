"""The only writers of bodies."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q
from django.utils.text import slugify

from waymark.accounts import audit
from waymark.accounts.permissions import Actor, require_permission
from waymark.bodies.models import (
    Body,
    BodyIdentifier,
    BodyKind,
    BodyName,
    BodySuccession,
    SuccessionKind,
)
from waymark.bodies.queries import names_of, names_without_body
from waymark.core.errors import RuleError

CATALOGUE = "catalogue"
MOST_NAMES = 100


@dataclass(frozen=True, slots=True)
class BodyAbout:
    """Description of a body. identifiers: (scheme, value) pairs. See Body."""

    name: str
    kind: str = BodyKind.OTHER
    nation: str = ""
    begins_on: date | None = None
    ends_on: date | None = None
    note: str = ""
    listed: bool = False
    other_names: tuple[str, ...] = ()
    identifiers: tuple[tuple[str, str], ...] = ()


@audit.serialized
def add_body(*, by: Actor, about: BodyAbout, now: datetime) -> Body:
    """Create a body with its names. Raises RuleError for a name that another body has."""
    require_permission(by, CATALOGUE)
    body = Body(key=_free_key(about.name), added_at=now)
    _describe(body, about)
    audit.record_about(by, "add body", body, now)
    return body


@audit.serialized
def change_body(*, by: Actor, body: Body, about: BodyAbout, now: datetime) -> None:
    """Replace the description of a body. A name that a review uses cannot be left out.

    Raises NotPermitted, RuleError.
    """
    require_permission(by, CATALOGUE)
    _describe(body, about)
    audit.record_about(by, "change body", body, now)


@audit.serialized
def add_bodies_of_reviews(*, by: Actor, now: datetime, names: Sequence[str] = ()) -> list[Body]:
    """Create a body for each name of a board that has none; names: only these."""
    require_permission(by, CATALOGUE)
    made = []
    for row in names_without_body(by):
        if not names or row.name in names:
            about = BodyAbout(row.name, BodyKind.BOARD, row.nation)
            made.append(add_body(by=by, about=about, now=now))
    return made


@audit.serialized
def add_succession(
    *,
    by: Actor,
    earlier: Body,
    later: Body,
    kind: str,
    now: datetime,
    on: date | None = None,
    note: str = "",
) -> BodySuccession:
    """Record that one body took over from another. Raises RuleError for a circle."""
    require_permission(by, CATALOGUE)
    if kind not in SuccessionKind.values:
        raise RuleError(f"a body cannot be {kind!r}: choose replaced, merged or split")
    if earlier == later or earlier.pk in _all_later(later):
        raise RuleError(f"{later} came before {earlier}: it cannot also have taken over from it")
    row, _ = BodySuccession.objects.update_or_create(
        earlier=earlier, later=later, defaults={"kind": kind, "on": on, "note": note.strip()}
    )
    audit.record_about(by, "add succession of body", earlier, now, later=later.key, kind=kind)
    return row


@audit.serialized
def remove_succession(*, by: Actor, earlier: Body, later: Body, now: datetime) -> None:
    """Take back that one body took over from another."""
    require_permission(by, CATALOGUE)
    BodySuccession.objects.filter(earlier=earlier, later=later).delete()
    audit.record_about(by, "remove succession of body", earlier, now, later=later.key)


@audit.serialized
def merge_bodies(*, by: Actor, duplicate: Body, into: Body, now: datetime) -> None:
    """Make one record replace another of the same body; its address leads to the first.

    Nothing is rewritten: names and reviews of the duplicate count as those of the other, and the
    merge can be undone. Raises NotPermitted, RuleError.
    """
    require_permission(by, CATALOGUE)
    if duplicate == into or into.merged_into_id is not None:
        raise RuleError(f"{duplicate} cannot be merged into {into}: choose another record")
    if duplicate.merged_into_id is not None:
        raise RuleError(f"{duplicate} is already merged into another record")
    between = Q(earlier=duplicate, later=into) | Q(earlier=into, later=duplicate)
    if BodySuccession.objects.filter(between).exists():
        raise RuleError(
            f"{duplicate} and {into} are recorded as two bodies of which one took over from the"
            " other: remove that first if they are the same body"
        )
    Body.objects.filter(Q(pk=duplicate.pk) | Q(merged_into=duplicate)).update(merged_into=into)
    audit.record_about(by, "merge bodies", duplicate, now, into=into.key)


@audit.serialized
def undo_merge(*, by: Actor, duplicate: Body, now: datetime) -> None:
    """Make a merged record one of its own again."""
    require_permission(by, CATALOGUE)
    Body.objects.filter(pk=duplicate.pk).update(merged_into=None)
    audit.record_about(by, "undo merge of bodies", duplicate, now)


def _describe(body: Body, about: BodyAbout) -> None:
    if not about.name.strip():
        raise RuleError("enter the name of the body")
    if about.begins_on and about.ends_on and about.ends_on < about.begins_on:
        raise RuleError("a body cannot end before it begins: correct one of the two dates")
    if about.kind not in BodyKind.values:
        raise RuleError(f"there is no kind of body {about.kind!r}")
    body.name, body.kind, body.nation = about.name.strip(), about.kind, about.nation.strip()
    body.begins_on, body.ends_on = about.begins_on, about.ends_on
    body.note, body.listed = about.note.strip(), about.listed
    body.save()
    _set_names(body, {body.name, *(name.strip() for name in about.other_names if name.strip())})
    _set_identifiers(body, about.identifiers)


def _set_names(body: Body, names: set[str]) -> None:
    if len(names) > MOST_NAMES or any(len(name) > 200 for name in names):
        raise RuleError(f"a body has at most {MOST_NAMES} names of 200 characters")
    others = BodyName.objects.filter(name__in=names).exclude(pk__in=names_of(body).values("pk"))
    if (other := others.select_related("body").first()) is not None:
        raise RuleError(
            f"“{other.name}” is a name of another record, {other.body.name}: merge the two records"
            " if they are the same body, or tell the names apart"
        )
    BodyName.objects.filter(body=body).exclude(name__in=names).delete()
    known = set(names_of(body).values_list("name", flat=True))
    BodyName.objects.bulk_create(BodyName(body=body, name=name) for name in sorted(names - known))


def _set_identifiers(body: Body, identifiers: Sequence[tuple[str, str]]) -> None:
    BodyIdentifier.objects.filter(body=body).delete()
    for scheme, value in dict.fromkeys(identifiers):
        other = BodyIdentifier.objects.filter(scheme=scheme, value=value).first()
        if other is not None:
            raise RuleError(f"{scheme} {value} is the identifier of {other.body}")
        BodyIdentifier.objects.create(body=body, scheme=scheme[:60], value=value[:100])


def _free_key(name: str) -> str:
    """A key from a name that no body has: "carnmurry-trust", "carnmurry-trust-2"."""
    key = slugify(name)[:70].strip("-") or "body"
    number, free = 1, key
    while Body.objects.filter(key=free).exists():
        number += 1
        free = f"{key}-{number}"
    return free


def _all_later(body: Body) -> set[int]:
    """Keys of the bodies that took over from a body, directly or not."""
    reached: set[int] = set()
    waiting = [body.pk]
    while waiting:
        rows = BodySuccession.objects.filter(earlier__in=waiting).values_list("later", flat=True)
        waiting = [pk for pk in rows if pk not in reached]
        reached.update(waiting)
    return reached
