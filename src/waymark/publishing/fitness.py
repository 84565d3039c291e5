"""What stops an overview from being signed, published or given out, and where it is put right.

One list for the site, the command, the pipeline and the API: all of them ask here.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Literal

from django.contrib.auth.models import AnonymousUser

from waymark.core.placeholders import placeholders
from waymark.documents.models import Report
from waymark.documents.queries import open_reports, open_reviews
from waymark.overview import queries as overview
from waymark.overview.deciding import undecided
from waymark.overview.models import Snapshot
from waymark.overview.release import Release
from waymark.overview.since import agreed_anew_since, gone_since
from waymark.overview.spec import OverviewSpec
from waymark.publishing.markdown import SectionHead, read_text
from waymark.publishing.report_plan import Plan

NAMED = 5
"""Reviews or reports that a message names; the others are only said to be there."""
Page = Literal["decision", "spec", "text", "sources"]


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why an overview cannot be signed or published, with what to do.

    page: where it is put right; slot: the text, where it is one.
    """

    message: str
    page: Page
    slot: str = ""

    def __str__(self) -> str:
        return self.message


# ---- the decision ----


def decision_obstacles(snapshot: Snapshot, now: datetime) -> list[Obstacle]:
    """Why the decision on disclosure does not count for a snapshot: nobody may publish then."""
    decision, slug = overview.decision_of(snapshot), snapshot.overview.slug
    latest = overview.latest_version(snapshot.overview)
    if overview.decision_of(latest) != decision:
        said = (
            f"the decision on disclosure was changed in version {latest.number}, after snapshot"
            f" {snapshot.number} was frozen: freeze the overview again"
        )
        return [Obstacle(said, "spec")]
    how = f"record who decided, why and when, on the site or by waymark overview decide {slug}"
    return [Obstacle(f"{reason}: {how}", "decision") for reason in undecided(decision, now.date())]


def profile_obstacles(release: Release) -> list[Obstacle]:
    """That a release is under another profile than the one decided on."""
    decided = release.spec.disclosure
    if decided.profile == release.profile:
        return []
    said = (
        f"{decided.controller} decided on the profile {decided.profile}, not {release.profile}:"
        " record another decision first"
    )
    return [Obstacle(said, "decision")]


# ---- the rows ----


def rows_obstacles(snapshot: Snapshot) -> list[Obstacle]:
    """Reviews that a snapshot counts as they are not any more: withdrawn, or corrected.

    Where nothing opens to the reviews too: what was taken back is not published anew as a number.
    """
    found = (
        (gone_since(snapshot), "were withdrawn or expired", "freeze"),
        (
            agreed_anew_since(snapshot),
            "are not agreed on as they were",
            "settle the reviews, then freeze",
        ),
    )
    return [
        Obstacle(
            f"since snapshot {snapshot.number} was frozen, these reviews {what}: {_some(which)};"
            f" {remedy} the overview again",
            "spec",
        )
        for which, what, remedy in found
        if which
    ]


# ---- the sources ----


@lru_cache(maxsize=8)
def _reports_relied_on(pk: int, sha256: str) -> frozenset[str]:
    """Reports that an agreed fact of a snapshot rests on. sha256: a part of the key only."""
    rows = overview.frozen_rows(Snapshot.objects.defer("rows").get(pk=pk))
    places = (
        *(row.places for row in rows.judgements),
        *(row.places for row in rows.codes),
        *(row.places for row in rows.recommendations),
    )
    return frozenset(place[0] for some in places for place in some)


def source_obstacles(snapshot: Snapshot, release: Release, now: datetime) -> list[Obstacle]:
    """Sources that are not public. Every kind of table is under this rule.

    Under open these are all reviews counted and all reports that an agreed fact rests on; under
    every profile, what a number opens to.
    """
    cells = [cell for one in release.tables for row in one.table.rows for cell in row.cells]
    keys = {key.split("-")[0] for cell in cells for key in cell.evidence}
    reviews = {reference.split("/")[0] for cell in cells for reference in cell.records}
    if release.profile == "open":
        keys |= _reports_relied_on(snapshot.pk, snapshot.sha256)
        reviews |= overview.counted_reviews(snapshot)
    everybody = AnonymousUser()
    public = open_reports(everybody, now)
    hidden = keys - set(public.filter(key__in=keys).values_list("key", flat=True))
    seen = open_reviews(everybody, now).filter(reference__in=reviews)
    closed = reviews - set(seen.values_list("reference", flat=True))
    # A review with reports of which none is public: what was read there cannot be looked up.
    of = Report.objects.filter(review__reference__in=reviews)
    silent = set(of.values_list("review__reference", flat=True)) - closed
    silent -= set(
        public.filter(review__reference__in=silent).values_list("review__reference", flat=True)
    )
    found = (("reports", hidden), ("reviews", closed), ("reviews without a public report", silent))
    return [Obstacle(_not_public(what, sorted(which)), "sources") for what, which in found if which]


def _not_public(what: str, which: list[str]) -> str:
    return (
        f"numbers that open to their words need public sources; these {what} are not:"
        f" {_some(which)};"
        " publish them, leave them out, or decide on another profile than open, where"
        " open_process: false closes the way to them"
    )


def _some(which: list[str]) -> str:
    return ", ".join(which[:NAMED]) + (" and more" if len(which) > NAMED else "")


def unfit(snapshot: Snapshot, release: Release, now: datetime) -> list[Obstacle]:
    """Why a release may not be given out; empty where it may."""
    return [
        *decision_obstacles(snapshot, now),
        *profile_obstacles(release),
        *rows_obstacles(snapshot),
        *source_obstacles(snapshot, release, now),
    ]


# ---- the words ----


def spec_obstacles(spec: OverviewSpec) -> list[Obstacle]:
    """Placeholders in what the overview's YAML has printed."""
    printed: dict[str, Iterable[str]] = {
        "title": [spec.title],
        "subtitle": [spec.subtitle],
        "place": [spec.place],
        "about": spec.about,
        "points": spec.points,
    }
    return [
        Obstacle(f"{name} of the overview: “{one.words}” is a placeholder: write it", "spec")
        for name, texts in printed.items()
        for text in texts
        for one in placeholders(text)
    ]


def text_obstacles(plan: Plan, texts: Mapping[str, str]) -> list[Obstacle]:
    """Required chapters that are not written, and placeholders in texts. texts: by slot."""
    return [*_missing(plan, texts), *_unfinished(texts)]


def _missing(plan: Plan, texts: Mapping[str, str]) -> Iterator[Obstacle]:
    written = {slot for slot, text in texts.items() if _is_written(text)}
    for chapter in plan.chapters:
        slots = list(chapter.slots(()))
        if chapter.required and written.isdisjoint(slots):
            said = f"the chapter {chapter.title} is required and has no text yet: write {slots[0]}"
            yield Obstacle(said, "text", slots[0])
    needed = any(chapter.required for chapter in plan.chapters)
    first = next((slot for chapter in plan.chapters for slot in chapter.slots(())), None)
    if first is not None and not needed and not written:
        yield Obstacle("no chapter of the report has a text yet: write one", "text", first)


def _is_written(text: str) -> bool:
    """Whether there is more in a text than headings."""
    return any(not isinstance(block, SectionHead) for block in read_text(text).blocks)


def _unfinished(texts: Mapping[str, str]) -> Iterator[Obstacle]:
    for slot, text in texts.items():
        for one in placeholders(text):
            said = f"{slot}, line {one.line}: “{one.words}” is a placeholder: write the words"
            yield Obstacle(f"{said}, or take it out", "text", slot)
