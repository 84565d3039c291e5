"""Queries about the report of an overview: its texts, their versions and citations, the draft.

A draft is what would be published now: the current texts and the current state of all they cite,
under the profile that the data controller decided on.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.contrib.auth.models import AnonymousUser

from waymark.accounts.models import User
from waymark.accounts.permissions import Actor, require_permission
from waymark.core.errors import (
    ParseError,
    RuleError,
    SpecError,
    TablesNotShown,
    UnprotectableCount,
    WaymarkError,
)
from waymark.core.spans import Span
from waymark.documents.keys import parse_span_key
from waymark.documents.models import Report
from waymark.documents.queries.reader import open_reports
from waymark.documents.queries.readings import AnyPage, contents_and_pages
from waymark.documents.queries.scan_marks import mark_of_pages
from waymark.overview.models import Overview, Snapshot
from waymark.overview.queries.overviews import decided_profile
from waymark.overview.releases.release import Release
from waymark.publishing.document.blocks import themes_of
from waymark.publishing.document.citations import (
    CitedPassage,
    CitedRecord,
    ReportContent,
    content_sha256,
    one_line,
    passage_keys,
    record_keys,
)
from waymark.publishing.document.claims.check import SentenceReview, review_sentences
from waymark.publishing.document.compose import ComposedReport, compose_report
from waymark.publishing.document.nodes import EditionInfo, ReportDocument
from waymark.publishing.document.report_plan import PLAN, ReportPlan, default_plan, read_plan
from waymark.publishing.kinds import KIND_RULES
from waymark.publishing.models import ManuscriptKind, ReportVersion, Signature, UnsavedText
from waymark.publishing.queries import (
    current_edition,
    next_release,
    public_pages_warning,
    report_of,
)
from waymark.publishing.queries.manuscripts import unused_signatures
from waymark.publishing.queries.obstacles import (
    PublishingObstacle,
    decision_obstacles,
    publishing_obstacles,
    spec_obstacles,
    text_obstacles,
)
from waymark.publishing.queries.side_doors import side_doors
from waymark.publishing.queries.theme_quotations import theme_quotation_faults

NOT_CHECKED = SentenceReview()
NO_RECORDS: Mapping[str, CitedRecord] = {}
WRITE = KIND_RULES[ManuscriptKind.OVERVIEW].write


# ---- texts and their versions ----


def current_versions(overview: Overview) -> dict[str, ReportVersion]:
    """Current version of each text, by slot."""
    rows = ReportVersion.objects.filter(manuscript__overview=overview, superseded_at=None)
    return {row.slot: row for row in rows.select_related("saved_by", "manuscript")}


def carried_texts(overview: Overview) -> dict[str, ReportVersion]:
    """Texts that were carried over from another overview and that nobody has confirmed yet."""
    versions = current_versions(overview)
    return {slot: row for slot, row in versions.items() if row.carried_from}


def unsaved_text_of(overview: Overview, slot: str, person: Actor) -> UnsavedText | None:
    """What a person has typed into a text and not saved; None if there is nothing."""
    require_permission(person, WRITE)
    if person is None:
        return None
    rows = UnsavedText.objects.filter(manuscript__overview=overview, slot=slot, person=person.pk)
    return rows.first()


def unsaved_texts_of(person: User) -> list[UnsavedText]:
    """All that a person has typed into texts of overviews and not saved. Raises NotPermitted."""
    require_permission(person, WRITE)
    rows = UnsavedText.objects.filter(person=person, manuscript__overview__isnull=False)
    return list(rows.select_related("manuscript__overview").order_by("-changed_at"))


def versions_of(overview: Overview, slot: str, person: Actor) -> list[ReportVersion]:
    """All versions of a text, the newest first. Raises NotPermitted."""
    require_permission(person, WRITE)
    rows = ReportVersion.objects.filter(manuscript__overview=overview, slot=slot)
    return list(rows.select_related("saved_by"))


def plan_source(overview: Overview) -> str:
    """YAML of the overview's own plan, or of the default one."""
    own = ReportVersion.objects.filter(
        manuscript__overview=overview, slot=PLAN, superseded_at=None
    ).first()
    return own.text if own is not None and own.text.strip() else default_plan()


def cited_records(overview: Overview, instead: Mapping[str, str] | None = None) -> list[str]:
    """Keys of the publications that the texts of an overview cite.

    instead: texts to read in place of the saved ones.
    """
    texts = {slot: row.text for slot, row in current_versions(overview).items()}
    return record_keys((texts | dict(instead or {})).values())


# ---- what is cited ----


def public_passages(
    keys: Iterable[str], now: datetime
) -> tuple[dict[str, CitedPassage], dict[str, str]]:
    """Passages that the public can read, by key, and why each of the others may not be cited."""
    refused: dict[str, str] = {}
    spans: dict[tuple[str, int], list[tuple[str, Span]]] = defaultdict(list)
    for key in keys:
        try:
            place = parse_span_key(key)
        except ParseError:
            refused[key] = f"there is no passage {key}: copy its key from its page"
        else:
            spans[place.report, place.reading].append((key, place.span))
    named = {report for report, _ in spans}
    rows = open_reports(AnonymousUser(), now).filter(key__in=named).select_related("review")
    public = {row.key: row for row in rows}
    read = contents_and_pages((public[name], reading) for name, reading in spans if name in public)
    cited: dict[str, CitedPassage] = {}
    for (name, reading), places in spans.items():
        if name in public:
            text = read.get((public[name].pk, reading))
            if text is not None:
                cited |= _cited_passages(public[name], *text, places)
            reason = "is not in that report: copy its key from its page"
        else:
            reason = (
                "is not in a report that the public may read: cite another, or publish it first"
            )
        refused |= {key: f"the passage {key} {reason}" for key, _ in places if key not in cited}
    return cited, refused


def _cited_passages(
    report: Report, content: str, pages: Sequence[AnyPage], places: Sequence[tuple[str, Span]]
) -> dict[str, CitedPassage]:
    """The passages of a reading. content, pages: its text and its pages."""
    starts = [(page.start, page.number) for page in pages]
    review = report.review
    return {
        key: CitedPassage(
            key=key,
            words=one_line(span.of(content)),
            review=review.reference,
            title=review.title,
            report=report.get_kind_display().lower(),
            # The last page that begins at or before the first character of the passage.
            page=max((n for start, n in starts if start <= span.start), default=1)
            if report.page_count > 1
            else 0,
            fictional=review.fictional,
            scan=mark_of_pages(pages, span),
        )
        for key, span in places
        if span.end <= len(content) and span.of(content).strip()
    }


# ---- the draft ----


@dataclass(frozen=True, slots=True)
class ReportDraft:
    """Draft of a report. content: the hash that people sign; "" if it has no content.

    rules: obstacles other than faults of texts; a draft may be signed and published only if there
    are no obstacles of either kind. composed: None if no document can be made.
    public_pages_warning: warning about public pages of single reviews, "" for none. sentences:
    their check against the tables.
    """

    snapshot: Snapshot
    profile: str
    plan: ReportPlan | None
    report: ReportContent
    content: str
    composed: ComposedReport | None
    rules: tuple[PublishingObstacle, ...]
    public_pages_warning: str = ""
    sentences: SentenceReview = NOT_CHECKED

    @property
    def obstacles(self) -> tuple[PublishingObstacle, ...]:
        """All obstacles to signing and publishing, each with its place."""
        faults = self.composed.faults if self.composed else ()
        return (
            *self.rules,
            *(PublishingObstacle(str(fault), "text", fault.slot) for fault in faults),
            *(
                PublishingObstacle(str(row), "text" if row.slot else "spec", row.slot)
                for row in self.sentences.faults
            ),
        )


@dataclass(frozen=True, slots=True)
class DraftContent:
    """Texts of a draft and the sources they cite, before anything is composed.

    sha256: the hash that people sign. refused: keys that may not be cited, each with the reason.
    side_doors: those of them that only the disclosure profile closes.
    """

    plan: ReportPlan
    report: ReportContent
    sha256: str
    refused: Mapping[str, str]
    side_doors: Mapping[str, str]


def draft_content(
    snapshot: Snapshot,
    release: Release,
    *,
    records: Mapping[str, CitedRecord] = NO_RECORDS,
    now: datetime,
    instead: Mapping[str, str] | None = None,
) -> DraftContent:
    """Gather the texts of a draft and all they cite. Raises SpecError for an unreadable plan.

    This costs a few queries, where composing and typesetting take seconds: so an edition that was
    made earlier can be compared with the draft of now while the write lock is taken.
    """
    saved = {slot: row.text for slot, row in current_versions(snapshot.overview).items()}
    saved |= dict(instead or {})
    source = saved.pop(PLAN, "").strip() or default_plan()
    plan = read_plan(source, tables=tuple(table.id for table in release.spec.tables))
    slots = plan.slots(themes_of(release))
    # Texts of a chapter that left the plan are kept in the database, but are not part of it.
    texts = {slot: saved[slot] for slot in slots if saved.get(slot, "").strip()}
    public, refused = public_passages(passage_keys(texts.values()), now)
    doors = side_doors(snapshot, release, public)
    refused |= doors
    passages = {key: passage for key, passage in public.items() if key not in refused}
    cited = {key: records[key] for key in record_keys(texts.values()) if key in records}
    report = ReportContent(source, texts, passages, cited)
    sha256 = content_sha256(report, snapshot=snapshot.sha256, profile=release.profile)
    return DraftContent(plan, report, sha256, refused, doors)


def draft_of(
    snapshot: Snapshot,
    *,
    records: Mapping[str, CitedRecord] = NO_RECORDS,
    now: datetime,
    instead: Mapping[str, str] | None = None,
    trial: Release | None = None,
) -> ReportDraft:
    """Compose the draft of a snapshot. records: catalogue entries of cited_records().

    instead: texts to read in place of those saved, for a preview. trial: a release to look at in
    place of the next edition's, for example under another profile.
    """
    profile = trial.profile if trial else decided_profile(snapshot)
    elsewhere = public_pages_warning(snapshot, profile, now)
    try:
        release = trial or next_release(snapshot, profile)
        content = draft_content(snapshot, release, records=records, now=now, instead=instead)
    except WaymarkError as error:
        rules = (*decision_obstacles(snapshot, now), _cannot_be_made(error))
        report = ReportContent(_plan_text(snapshot.overview, instead))
        return ReportDraft(snapshot, profile, None, report, "", None, rules, elsewhere)
    report, plan = content.report, content.plan
    edition = EditionInfo(None, snapshot.taken_at, content.sha256)
    document, sentences = None, NOT_CHECKED
    try:
        document = compose_report(
            release, report, edition, refused=content.refused, side_doors=content.side_doors
        )
    except RuleError as error:
        last: tuple[PublishingObstacle, ...] = (PublishingObstacle(str(error), "spec"),)
    else:
        quoted = theme_quotation_faults(snapshot, release, report.texts)
        document = replace(document, faults=(*document.faults, *quoted))
        sentences = review_sentences(release, report)
        carried = carried_texts(snapshot.overview).keys() & report.texts.keys()
        last = (*spec_obstacles(release.spec), *text_obstacles(plan, report.texts, carried))
    rules = (*publishing_obstacles(snapshot, release, now), *last)
    return ReportDraft(
        snapshot, profile, plan, report, content.sha256, document, rules, elsewhere, sentences
    )


def _plan_text(overview: Overview, instead: Mapping[str, str] | None) -> str:
    """YAML of the plan of a draft, readable or not."""
    typed = (instead or {}).get(PLAN)
    if typed is None:
        return plan_source(overview).strip()
    return typed.strip() or default_plan()


def _cannot_be_made(error: WaymarkError) -> PublishingObstacle:
    """Obstacle for an error in the plan of the chapters, in the tables or in the specification."""
    if isinstance(error, SpecError):
        return PublishingObstacle(str(error), "text", PLAN)
    tables = isinstance(error, TablesNotShown | UnprotectableCount)
    return PublishingObstacle(str(error), "tables" if tables else "spec")


DRAFT = "DRAFT, DO NOT SHARE"


def marked_document(draft: ReportDraft) -> ReportDocument:
    """Document of a draft, marked as a draft on every page. Raises RuleError if there is none."""
    if draft.composed is None:
        raise RuleError("; ".join(str(rule) for rule in draft.rules))
    document = draft.composed.document
    # edition is a line of the document: "Draft, not published. Figures as frozen on ...".
    figures = document.edition.removeprefix("Draft, not published. ")
    return replace(document, edition=f"{DRAFT}. {figures}")


def draft_side_doors(draft: ReportDraft, keys: Iterable[str]) -> dict[str, str]:
    """Keys that a draft may not cite under its profile, each with the reason."""
    return side_doors(draft.snapshot, next_release(draft.snapshot, draft.profile), keys)


def signatures_on(draft: ReportDraft) -> list[Signature]:
    """Valid signatures on exactly the content of a draft."""
    return list(unused_signatures().filter(snapshot=draft.snapshot, content=draft.content))


def signatures_before(overview: Overview) -> list[Signature]:
    """All signatures on an overview, the newest first, with those void and those used."""
    rows = Signature.objects.filter(manuscript__overview=overview).order_by("-pk")
    return list(rows.select_related("signed_by", "publication"))


@dataclass(frozen=True, slots=True)
class ChangedText:
    """Text that differs from the current edition. before, after: "" if there is none."""

    slot: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class DraftChanges:
    """Differences from the current edition. since: its number, None if there is none."""

    since: int | None
    rows: bool
    profile: bool
    texts: tuple[ChangedText, ...]

    @property
    def is_nothing(self) -> bool:
        """True if the current edition has all of the draft: there is nothing to sign."""
        return self.since is not None and not (self.rows or self.profile or self.texts)


def changes_of(draft: ReportDraft) -> DraftChanges:
    """Differences between a draft and the current edition."""
    edition = current_edition(draft.snapshot.overview.slug)
    if edition is None:
        return DraftChanges(None, rows=True, profile=True, texts=())
    before = report_of(edition) or ReportContent("")
    old = {PLAN: before.plan, **before.texts}
    new = {PLAN: draft.report.plan, **draft.report.texts}
    differing = [
        ChangedText(slot, old.get(slot, ""), new.get(slot, ""))
        for slot in dict.fromkeys([*new, *old])
        if old.get(slot, "") != new.get(slot, "")
    ]
    return DraftChanges(
        edition.edition,
        rows=edition.snapshot_id != draft.snapshot.pk,
        profile=edition.profile != draft.profile,
        texts=tuple(differing),
    )
