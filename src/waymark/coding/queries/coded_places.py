"""Codings as rows of a query or an export: a coder's own, or those that are settled.

Coders work independently, so they see their own work alone. Analysts also see the work of a coder
in reviews that everybody assigned has finished, but of a round that hides the names of coders only
once the review is settled.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from django.db.models import Exists, OuterRef, QuerySet

from waymark.accounts.models import User
from waymark.accounts.permissions import Actor, require_permission
from waymark.coding.assignments import unfinished_reviews_of, unsettled_without_names
from waymark.coding.models import AgreedCode, Assignment, Coding
from waymark.core.errors import RuleError
from waymark.documents.models import Report, TextAnchor
from waymark.documents.queries.reader import open_reports
from waymark.frameworks.models import Framework

Layer = Literal["own", "agreed"]


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """What to export. coder: whose own work, None for what is settled. reviews: references, all
    that the person may see if empty. originals: a project contains the files that are offered."""

    framework: Framework
    coder: User | None
    reviews: tuple[str, ...] = ()
    originals: bool = False

    @property
    def layer(self) -> Layer:
        """The layer: own work of a coder, or what is settled."""
        return "agreed" if self.coder is None else "own"

    def reports(self, person: Actor, now: datetime) -> QuerySet[Report]:
        """The reports of the request that a person may see.

        But for their own work none of a review that they still code, with whatever framework: they
        would no longer be independent.
        """
        reports = open_reports(person, now)
        if self.coder is None or self.coder != person:
            reports = reports.exclude(review__in=unfinished_reviews_of(person))
        return reports.filter(review__reference__in=self.reviews) if self.reviews else reports


@dataclass(frozen=True, slots=True)
class CodedPlace:
    """A coding to export. coder: "" in the agreed layer, which names nobody."""

    anchor: TextAnchor
    code: str
    coder: str
    qualifiers: Mapping[str, Any]
    memo: str
    at: datetime


def require_export(person: Actor, request: ExportRequest) -> None:
    """Raise NotPermitted unless the person may export this.

    Coders export their own work, analysts what is settled; the operator, who has the database, all.
    """
    if request.coder is None:
        require_permission(person, "analyse")
        return
    require_permission(request.coder, "code")
    if person is not None and person != request.coder:
        raise RuleError("you can export only your own codings, or those that are settled")


def coded_places(person: Actor, request: ExportRequest, now: datetime) -> list[CodedPlace]:
    """The codings of a request in reports that the person may see, in reading order.

    Raises as require_export does.
    """
    require_export(person, request)
    rows = _codings(request).filter(report__in=request.reports(person, now))
    return _coded_places(rows, request)


def queried_places(
    person: Actor, request: ExportRequest, now: datetime, *, withheld: Collection[str] = ()
) -> list[CodedPlace]:
    """The codings of a query, in reading order. withheld: reviews that are left out.

    Settled codings are for everyone who may code, but not of reviews that they still code
    themselves. Raises NotPermitted for another coder's work.
    """
    require_permission(person, "code")
    rows = _codings(request).filter(report__in=request.reports(person, now))
    rows = rows.exclude(report__review__reference__in=withheld)
    if request.coder is not None and request.coder != person:
        require_permission(person, "adjudicate")
        work = Assignment.objects.filter(
            review=OuterRef("report__review"), framework=request.framework
        )
        rows = rows.filter(Exists(work), ~Exists(work.filter(finished_at=None)))
        nameless = unsettled_without_names(request.framework)
        rows = rows.exclude(report__review__in=nameless.values("review"))
    return _coded_places(rows, request)


def _codings(request: ExportRequest) -> QuerySet[Coding]:
    """The codings of the layer of a request, whoever may see them."""
    if request.coder is not None:
        return Coding.objects.filter(
            coder=request.coder, code__framework=request.framework, superseded_at=None
        )
    agreed = AgreedCode.objects.filter(
        code__framework=request.framework, present=True, superseded_at=None
    )
    return Coding.objects.filter(agreed_in__in=agreed).distinct()


def _coded_places(rows: QuerySet[Coding], request: ExportRequest) -> list[CodedPlace]:
    rows = rows.select_related("report__review", "code", "coder")
    return [
        CodedPlace(
            row,
            row.code.code,
            row.coder.get_username() if request.coder is not None else "",
            row.qualifiers,
            row.memo if request.coder is not None else "",
            row.decided_at,
        )
        for row in rows.order_by("report__review__reference", "report", "start", "end", "code")
    ]
