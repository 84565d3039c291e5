"""Obstacles to signing, publishing or exporting an overview, and where to remove each.

The site, the commands, the pipeline and the API all use this one list.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Literal

from django.contrib.auth.models import AnonymousUser

from waymark.core.evidence import report_of_key
from waymark.core.placeholders import find_placeholders
from waymark.core.uk_time import uk_date
from waymark.documents.models import Report
from waymark.documents.queries.reader import open_reports, open_reviews
from waymark.overview.models import Snapshot
from waymark.overview.queries import overviews as overview
from waymark.overview.queries.changes_since import agreed_anew_since, gone_since
from waymark.overview.releases.release import Release
from waymark.overview.spec.disclosure_decision import decision_gaps
from waymark.overview.spec.schema import OverviewSpec
from waymark.publishing.document.markdown import SectionHead, read_text
from waymark.publishing.document.report_plan import ReportPlan

NAMED = 5
"""Number of reviews or reports that a message names; after them it says "and more"."""
Page = Literal["decision", "spec", "tables", "text", "sources", "carried"]


@dataclass(frozen=True, slots=True)
class PublishingObstacle:
    """Reason why an overview cannot be signed or published, with the remedy.

    page: page of the site with the remedy; slot: name of the text, if it is one.
    """

    message: str
    page: Page
    slot: str = ""

    def __str__(self) -> str:
        return self.message


# ---- the decision ----


def decision_obstacles(snapshot: Snapshot, now: datetime) -> list[PublishingObstacle]:
    """Reasons why the decision on disclosure is not valid for a snapshot."""
    decision, slug = overview.decision_of(snapshot), snapshot.overview.slug
    latest = overview.latest_version(snapshot.overview)
    if overview.decision_of(latest) != decision:
        message = (
            f"the decision on disclosure was changed in version {latest.number}, after snapshot"
            f" {snapshot.number} was frozen: freeze the overview again"
        )
        return [PublishingObstacle(message, "spec")]
    how = f"record who decided, why and when, on the site or by waymark overview decide {slug}"
    return [
        PublishingObstacle(f"{reason}: {how}", "decision")
        for reason in decision_gaps(decision, uk_date(now))
    ]


def profile_obstacles(release: Release) -> list[PublishingObstacle]:
    """An obstacle if a release is under another profile than the one decided on."""
    decided = release.spec.disclosure
    if decided.profile == release.profile:
        return []
    message = (
        f"{decided.controller} decided on the profile {decided.profile}, not {release.profile}:"
        " record another decision first"
    )
    return [PublishingObstacle(message, "decision")]


# ---- the rows ----


def rows_obstacles(snapshot: Snapshot) -> list[PublishingObstacle]:
    """Reviews of a snapshot that were withdrawn or corrected after it was frozen.

    They matter even if nothing links to them: a withdrawn review must not be published again, not
    even as part of a number.
    """
    changes = (
        (gone_since(snapshot), "were withdrawn or expired", "freeze"),
        (
            agreed_anew_since(snapshot),
            "no longer have the coding that was agreed",
            "settle the reviews, then freeze",
        ),
    )
    return [
        PublishingObstacle(
            f"since snapshot {snapshot.number} was frozen, these reviews {what}: "
            f"{_first_names(which)}; {remedy} the overview again",
            "spec",
        )
        for which, what, remedy in changes
        if which
    ]


# ---- the sources ----


@lru_cache(maxsize=8)
def _reports_relied_on(pk: int, sha256: str) -> frozenset[str]:
    """Reports that support an agreed fact of a snapshot. sha256: only part of the cache key."""
    rows = overview.frozen_rows(Snapshot.objects.defer("rows").get(pk=pk))
    places = (
        *(row.places for row in rows.judgements),
        *(row.places for row in rows.codes),
        *(row.places for row in rows.recommendations),
    )
    return frozenset(report_of_key(place[0]) for some in places for place in some)


def source_obstacles(
    snapshot: Snapshot, release: Release, now: datetime
) -> list[PublishingObstacle]:
    """Return an obstacle for each kind of source that is not public. All tables are checked.

    Under open the sources are all reviews counted and all reports that an agreed fact rests on;
    under every profile, those that a number links to.
    """
    keys, reviews = _linked_sources(release)
    if release.profile == "open":
        keys |= _reports_relied_on(snapshot.pk, snapshot.sha256)
        reviews |= overview.counted_reviews(snapshot)
    everybody = AnonymousUser()
    public = open_reports(everybody, now)
    hidden = keys - set(public.filter(key__in=keys).values_list("key", flat=True))
    visible = open_reviews(everybody, now).filter(reference__in=reviews)
    closed = reviews - set(visible.values_list("reference", flat=True))
    # A review with reports of which none is public: nobody can look up what was read there.
    reports = Report.objects.filter(review__reference__in=reviews)
    silent = set(reports.values_list("review__reference", flat=True)) - closed
    silent -= set(
        public.filter(review__reference__in=silent).values_list("review__reference", flat=True)
    )
    sources = {"reports": hidden, "reviews": closed, "reviews without a public report": silent}
    return [
        PublishingObstacle(_not_public(kind, sorted(names)), "sources")
        for kind, names in sources.items()
        if names
    ]


def _linked_sources(release: Release) -> tuple[set[str], set[str]]:
    """Keys of the reports, and references of the reviews, that the cells of a release link to."""
    cells = [
        cell for protected in release.tables for row in protected.table.rows for cell in row.cells
    ]
    keys = {report_of_key(key) for cell in cells for key in cell.evidence}
    return keys, {reference.split("/")[0] for cell in cells for reference in cell.records}


def _not_public(what: str, which: list[str]) -> str:
    return (
        f"numbers that link to their evidence need public sources; these {what} are not:"
        f" {_first_names(which)};"
        " publish them, leave them out, or decide on a profile other than open (with open_process:"
        " false, no number links to them)"
    )


def _first_names(which: list[str]) -> str:
    return ", ".join(which[:NAMED]) + (" and more" if len(which) > NAMED else "")


def publishing_obstacles(
    snapshot: Snapshot, release: Release, now: datetime
) -> list[PublishingObstacle]:
    """All obstacles to publishing a release; empty if it may be published."""
    return [
        *decision_obstacles(snapshot, now),
        *profile_obstacles(release),
        *rows_obstacles(snapshot),
        *source_obstacles(snapshot, release, now),
    ]


# ---- the words ----


def spec_obstacles(spec: OverviewSpec) -> list[PublishingObstacle]:
    """Placeholders in printed fields of the overview's YAML."""
    printed: dict[str, Iterable[str]] = {
        "title": [spec.title],
        "subtitle": [spec.subtitle],
        "place": [spec.place],
        "about": spec.about,
        "points": spec.points,
    }
    return [
        PublishingObstacle(
            f"{name} of the overview: “{placeholder.words}” is a placeholder: write it", "spec"
        )
        for name, texts in printed.items()
        for text in texts
        for placeholder in find_placeholders(text)
    ]


def text_obstacles(
    plan: ReportPlan, texts: Mapping[str, str], carried: Collection[str] = ()
) -> list[PublishingObstacle]:
    """Required chapters that are not written, placeholders, and texts nobody has confirmed.

    texts: by slot; carried: slots of texts that were carried over.
    """
    return [
        *missing_texts(plan, texts),
        *_placeholder_obstacles(texts),
        *_carried_obstacles(sorted(carried)),
    ]


def _carried_obstacles(slots: list[str]) -> Iterator[PublishingObstacle]:
    if slots:
        many = len(slots) > 1
        message = (
            f"{len(slots)} text{'s' * many} carried over from another overview"
            f" {'have' if many else 'has'} not been confirmed ({_first_names(slots)}): read"
            f" {'them' if many else 'it'} in the draft, then confirm or change"
            f" {'each' if many else 'it'}"
        )
        yield PublishingObstacle(message, "carried")


def missing_texts(plan: ReportPlan, texts: Mapping[str, str]) -> Iterator[PublishingObstacle]:
    """Required chapters that are not written. texts: by slot."""
    written = {slot for slot, text in texts.items() if _is_written(text)}
    for chapter in plan.chapters:
        slots = list(chapter.slots(()))
        if chapter.required and written.isdisjoint(slots):
            message = (
                f"the chapter {chapter.title} is required and has no text yet: write {slots[0]}"
            )
            yield PublishingObstacle(message, "text", slots[0])
    # A plan of one's own may require no chapter; an edition of tables alone is still refused.
    needed = any(chapter.required for chapter in plan.chapters)
    first = next((slot for chapter in plan.chapters for slot in chapter.slots(())), None)
    if first is not None and not needed and not written:
        yield PublishingObstacle(
            "no chapter of the report has a text yet: write one", "text", first
        )


def _is_written(text: str) -> bool:
    """True if a text has more than headings."""
    return any(not isinstance(block, SectionHead) for block in read_text(text).blocks)


def _placeholder_obstacles(texts: Mapping[str, str]) -> Iterator[PublishingObstacle]:
    for slot, text in texts.items():
        for placeholder in find_placeholders(text):
            message = (
                f"{slot}, line {placeholder.line}: “{placeholder.words}” is a placeholder: write"
                " the words, or remove it"
            )
            yield PublishingObstacle(message, "text", slot)
