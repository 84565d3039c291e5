"""Queries about manuscripts of every kind: their editions, and the signatures on their content."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from waymark.accounts.models import RoleGrant
from waymark.accounts.permissions import ALLOWED, Person, has_permission
from waymark.core.errors import RuleError
from waymark.overview.models import Snapshot
from waymark.publishing.kinds import KIND_RULES
from waymark.publishing.models import Manuscript, ManuscriptKind, Publication, Signature


@dataclass(frozen=True, slots=True)
class ManuscriptContent:
    """Content of a manuscript, which people sign and an edition has.

    sha256: hash of all that is published. snapshot, profile: of an overview alone.
    """

    manuscript: Manuscript
    sha256: str
    snapshot: Snapshot | None = None
    profile: str = ""

    def counted_from(self) -> Mapping[str, object]:
        """Snapshot and profile of an overview for the audit; empty for other kinds."""
        if self.snapshot is None:
            return {}
        return {"snapshot": self.snapshot.number, "profile": self.profile}


def awaits_signature(kind: str, signatures: Collection[Signature], person: Person) -> bool:
    """True if a person has not signed and may give a signature that is missing.

    signatures: those on the content of a manuscript of this kind.
    """
    if any(signature.signed_by_id == person.pk for signature in signatures):
        return False
    capacities = {signature.capacity for signature in signatures}
    return any(
        has_permission(person, action)
        for capacity, action in KIND_RULES[kind].capacities.items()
        if capacity not in capacities
    )


def edition_rows(kind: str = ManuscriptKind.OVERVIEW) -> QuerySet[Publication]:
    """Editions of one kind with their snapshots, without the large columns."""
    return all_editions([kind])


def all_editions(kinds: Collection[str]) -> QuerySet[Publication]:
    """Editions of some kinds with their snapshots, without the large columns."""
    # A snapshot's rows can be many megabytes, and lists of editions need none of them.
    large = ("snapshot__rows", "report", "ledger")
    rows = Publication.objects.filter(kind__in=kinds)
    return rows.select_related("snapshot__overview").defer(*large)


def current_edition(slug: str, kind: str = ManuscriptKind.OVERVIEW) -> Publication | None:
    """Newest edition of a manuscript; None if there is none or it was withdrawn.

    An older edition does not come back when the newest is withdrawn: the mistake in the newest may
    be in the older one too.
    """
    newest = edition_rows(kind).filter(slug=slug).order_by("-edition").first()
    return newest if newest is not None and newest.withdrawn_at is None else None


def newest_editions(kinds: Collection[str]) -> dict[tuple[str, str], Publication]:
    """Kind and name of a manuscript -> its current edition, of all of these kinds: one query."""
    newest: dict[tuple[str, str], Publication] = {}
    for row in all_editions(kinds).order_by("edition"):
        newest[row.kind, row.slug] = row
    return {name: row for name, row in newest.items() if row.withdrawn_at is None}


def next_number(slug: str, kind: str = ManuscriptKind.OVERVIEW) -> int:
    """Number of the next edition: one that no edition has had, withdrawn or not."""
    last = edition_rows(kind).filter(slug=slug).order_by("-edition").first()
    return last.edition + 1 if last else 1


def open_signatures() -> QuerySet[Signature]:
    """Signatures that no change has voided and no edition has used, whoever gave them."""
    return Signature.objects.filter(voided_at=None, publication=None)


def unused_signatures() -> QuerySet[Signature]:
    """Valid signatures that no edition has used: of people who may still sign so today."""
    may_sign = Q(pk__in=[])
    for kind, rules in KIND_RULES.items():
        for capacity, action in rules.capacities.items():
            grants = RoleGrant.objects.filter(
                person=OuterRef("signed_by"), role__in=ALLOWED[action]
            )
            may_sign |= Q(Exists(grants), manuscript__kind=kind, capacity=capacity)
    rows = open_signatures().filter(may_sign, signed_by__is_active=True)
    return rows.select_related("signed_by")


def signatures_on_content(content: ManuscriptContent) -> list[Signature]:
    """Valid, unused signatures on exactly one content."""
    return list(
        unused_signatures().filter(
            manuscript=content.manuscript, snapshot=content.snapshot, content=content.sha256
        )
    )


def require_signatures(kind: str, signatures: Collection[Signature]) -> None:
    """Raise RuleError if nobody has signed in one of the capacities that a kind needs.

    signatures: valid ones on one content. They are of as many people, as each can sign it once.
    """
    capacities = KIND_RULES[kind].capacities
    names = {signature.name for signature in signatures}
    signed = {signature.capacity for signature in signatures}
    for capacity in capacities:
        if capacity not in signed:
            everyone = " and ".join(f"an {name}" for name in capacities)
            so_far = f"; signed so far: {', '.join(sorted(names))}" if names else ""
            raise RuleError(
                f"an edition needs the signatures of two people, {everyone}, on exactly this"
                f" content: no {capacity} has signed it{so_far}"
            )
