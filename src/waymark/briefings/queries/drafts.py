"""Drafts of briefings: the current texts, with the current state of all that they cite."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.db.models import Max, QuerySet

from waymark.accounts.permissions import Actor, require_permission
from waymark.briefings.queries.sources import citable_passages, numbers_of
from waymark.briefings.text.about import ABOUT, BriefingAbout, read_about
from waymark.briefings.text.briefing import (
    BriefingContent,
    cited_passages,
    cited_publications,
    named_cells,
)
from waymark.briefings.text.support import numbers_without_source
from waymark.core.errors import SpecError, require_found
from waymark.documents.queries.reader import open_reviews
from waymark.library.models import Concept
from waymark.publishing.document.citations import CitedPassage, CitedRecord, ReportContent
from waymark.publishing.kinds import KIND_RULES
from waymark.publishing.models import (
    Manuscript,
    ManuscriptKind,
    Publication,
    ReportVersion,
    Signature,
)
from waymark.publishing.queries.manuscripts import (
    ManuscriptContent,
    awaits_signature,
    newest_editions,
    unused_signatures,
)
from waymark.publishing.queries.protected import reviews_with_protected_numbers

KINDS = (ManuscriptKind.BRIEFING, ManuscriptKind.GUIDE)
WRITE = "write briefings"
NO_RECORDS: Mapping[str, CitedRecord] = {}


def manuscripts_for(person: Actor) -> QuerySet[Manuscript]:
    """All briefings and guides. Raises NotPermitted."""
    require_permission(person, WRITE)
    return Manuscript.objects.filter(kind__in=KINDS)


def manuscript_called(kind: str, slug: str, person: Actor) -> Manuscript:
    """A briefing or guide by its name. Raises NotPermitted, NotFound."""
    row = manuscripts_for(person).filter(kind=kind, slug=slug).first()
    return require_found(row, f"there is no {kind} {slug}")


def manuscripts_with_news(person: Actor) -> list[Manuscript]:
    """Those with a text that is newer than their current edition. Raises NotPermitted."""
    rows = manuscripts_for(person).annotate(saved_at=Max("versions__saved_at"))
    editions = newest_editions(KINDS)
    news: list[Manuscript] = []
    for row in rows:
        edition = editions.get((row.kind, row.slug))
        if edition is None or row.saved_at > edition.published_at:
            news.append(row)
    return news


def current_texts(manuscript: Manuscript) -> dict[str, ReportVersion]:
    """Current version of each text, by its name."""
    rows = ReportVersion.objects.filter(manuscript=manuscript, superseded_at=None)
    return {row.slot: row for row in rows.select_related("saved_by")}


def versions_of(manuscript: Manuscript, slot: str, person: Actor) -> list[ReportVersion]:
    """All versions of a text, the newest first. Raises NotPermitted."""
    require_permission(person, WRITE)
    rows = ReportVersion.objects.filter(manuscript=manuscript, slot=slot)
    return list(rows.select_related("saved_by"))


def last_saved(manuscripts: Collection[Manuscript]) -> datetime | None:
    """When a text of any of these was saved last."""
    rows = ReportVersion.objects.filter(manuscript__in=manuscripts)
    last: datetime | None = rows.aggregate(last=Max("saved_at"))["last"]
    return last


Texts = Mapping[str, str]
"""Name of a text -> its words."""


def texts_of(manuscripts: Collection[Manuscript]) -> dict[int, dict[str, str]]:
    """Primary key of a manuscript -> its current texts: one query."""
    rows = ReportVersion.objects.filter(manuscript__in=manuscripts, superseded_at=None)
    texts: dict[int, dict[str, str]] = {row.pk: {} for row in manuscripts}
    for pk, slot, text in rows.order_by("slot").values_list("manuscript", "slot", "text"):
        texts[pk][slot] = text
    return texts


def publications_cited(manuscript: Manuscript, instead: Texts | None = None) -> list[str]:
    """Keys of the publications that the texts cite. instead: texts in place of saved ones."""
    return cited_publications(texts_of([manuscript])[manuscript.pk] | dict(instead or {}))


@dataclass(frozen=True, slots=True)
class BriefingDraft:
    """Draft of a briefing. hide_number: how many reviews it read is not shown, to protect people.

    obstacles: what must be mended before it can be signed; edition: the current one; signatures:
    valid ones on exactly this content.
    """

    manuscript: Manuscript
    content: BriefingContent
    about: BriefingAbout | None
    obstacles: tuple[str, ...]
    hide_number: bool
    edition: Publication | None
    signatures: list[Signature]

    @property
    def title(self) -> str:
        return self.about.title if self.about else self.manuscript.slug

    @property
    def signable(self) -> ManuscriptContent:
        """What people sign."""
        return ManuscriptContent(self.manuscript, self.content.sha256)

    @property
    def is_published(self) -> bool:
        """True if the current edition has exactly this content."""
        return self.edition is not None and self.edition.content == self.content.sha256

    @property
    def is_signed(self) -> bool:
        """True if it has been signed in each capacity that its kind needs."""
        needed = KIND_RULES[self.manuscript.kind].capacities
        return {row.capacity for row in self.signatures} >= set(needed)

    def awaits(self, person: Actor) -> bool:
        """True if a person may give a signature that is missing."""
        if self.obstacles or self.is_published or person is None:
            return False
        return awaits_signature(self.manuscript.kind, self.signatures, person)


def briefing_draft(
    manuscript: Manuscript,
    *,
    records: Mapping[str, CitedRecord] = NO_RECORDS,
    now: datetime,
    instead: Texts | None = None,
) -> BriefingDraft:
    """Gather a draft. records: catalogue entries of publications_cited(); instead: as there."""
    saved = texts_of([manuscript])[manuscript.pk]
    texts = {manuscript.pk: saved | dict(instead or {})}
    return briefing_drafts([manuscript], texts, records=records, now=now)[0]


def briefing_drafts(
    manuscripts: Sequence[Manuscript],
    texts: Mapping[int, Texts],
    *,
    records: Mapping[str, CitedRecord] = NO_RECORDS,
    now: datetime,
) -> list[BriefingDraft]:
    """Gather drafts of many briefings in as many queries as of one. texts: by manuscript.

    records: catalogue entries of all the publications that they cite.
    """
    written = {
        pk: {slot: text for slot, text in some.items() if text.strip()}
        for pk, some in texts.items()
    }
    sources = _DraftSources.of(manuscripts, written, records, now)
    return [_draft_from(row, written[row.pk], sources) for row in manuscripts]


@dataclass(frozen=True, slots=True)
class _DraftSources:
    """All that drafts cite or need to know, each read once for all of them.

    passages: those that may be cited, by key; refused: why the others may not. public: references
    of public reviews; protected: those with small numbers; subjects: keys of the thesaurus.
    """

    records: Mapping[str, CitedRecord]
    passages: Mapping[str, CitedPassage]
    refused: Mapping[str, str]
    public: frozenset[str]
    subjects: frozenset[str]
    protected: Mapping[str, str]
    editions: Mapping[tuple[str, str], Publication]
    overviews: Mapping[tuple[str, str], Publication]
    signatures: Mapping[int, list[Signature]]

    @classmethod
    def of(
        cls,
        manuscripts: Sequence[Manuscript],
        texts: Mapping[int, Texts],
        records: Mapping[str, CitedRecord],
        now: datetime,
    ) -> "_DraftSources":
        keys = dict.fromkeys(key for some in texts.values() for key in cited_passages(some))
        passages, refused = citable_passages(keys, now)
        abouts = [_about_of(texts[row.pk])[0] for row in manuscripts]
        named = {name for about in abouts if about for name in about.reviews}
        public = open_reviews(AnonymousUser(), now).filter(reference__in=named)
        about_subjects = {key for about in abouts if about for key in about.subjects}
        subjects = Concept.objects.filter(key__in=about_subjects, ended=False)
        signatures: dict[int, list[Signature]] = {row.pk: [] for row in manuscripts}
        for row in unused_signatures().filter(manuscript__in=manuscripts):
            signatures[row.manuscript_id].append(row)
        return cls(
            records,
            passages,
            refused,
            frozenset(public.values_list("reference", flat=True)),
            frozenset(subjects.values_list("key", flat=True)),
            reviews_with_protected_numbers(),
            newest_editions(KINDS),
            newest_editions([ManuscriptKind.OVERVIEW]),
            signatures,
        )


def _draft_from(manuscript: Manuscript, texts: Texts, sources: _DraftSources) -> BriefingDraft:
    about, faults = _about_of(texts)
    keys = cited_passages(texts)
    overview = about.overview if about else ""
    edition = sources.overviews.get((ManuscriptKind.OVERVIEW, overview))
    numbers, missing = numbers_of(overview, edition, named_cells(texts))
    passages = {key: sources.passages[key] for key in keys if key in sources.passages}
    refused = {key: sources.refused[key] for key in keys if key in sources.refused}
    cited = {
        key: sources.records[key] for key in cited_publications(texts) if key in sources.records
    }
    content = BriefingContent(
        manuscript.kind, ReportContent("", texts, passages, cited), numbers, {**refused, **missing}
    )
    hide_number = bool(about and sources.protected.keys() & set(about.reviews))
    return BriefingDraft(
        manuscript,
        content,
        about,
        (
            *faults,
            *_about_problems(manuscript.kind, about, sources),
            *_about_numbers(content, about, hide_number=hide_number),
            *map(str, content.faults),
        ),
        hide_number=hide_number,
        edition=sources.editions.get((manuscript.kind, manuscript.slug)),
        signatures=[
            row
            for row in sources.signatures[manuscript.pk]
            if row.snapshot_id is None and row.content == content.sha256
        ],
    )


def _about_of(texts: Texts) -> tuple[BriefingAbout | None, tuple[str, ...]]:
    if not texts.get(ABOUT):
        return None, ("describe the briefing: its title, audience and selection",)
    try:
        return read_about(texts[ABOUT]), ()
    except SpecError as error:
        return None, (str(error),)


def _about_problems(
    kind: str, about: BriefingAbout | None, sources: _DraftSources
) -> Iterator[str]:
    """What the description of a briefing must say before it is published."""
    if about is None:
        return
    if strange := [key for key in about.subjects if key not in sources.subjects]:
        yield f"the thesaurus has no subject {', '.join(strange)}: correct the list of subjects"
    if kind != ManuscriptKind.BRIEFING:
        return
    needed = {
        "the reviews that it is based on": about.reviews,
        "how the reviews were selected": about.rule,
        "the years in which they were published": about.first and about.last,
        "the date of the search": about.searched_on,
        "the date on which it is reviewed": about.review_on,
    }
    for what, value in needed.items():
        if not value:
            yield f"describe the briefing: enter {what}"
    if unknown := set(about.reviews) - sources.public:
        names = ", ".join(sorted(unknown))
        yield f"the public library has no review {names}: correct the list of reviews"


def _about_numbers(
    content: BriefingContent, about: BriefingAbout | None, *, hide_number: bool
) -> list[str]:
    """Numbers of the title, strapline and selection that no statement has a source for.

    hide_number: how many reviews were read is not shown, so the selection must not tell it.
    """
    if about is None:
        return []
    facts = about.period if hide_number else f"{about.period} {len(about.reviews)}"
    names = {"title": about.title, "strapline": about.strapline, "selection": about.rule}
    return [
        f"“{number}” in the {name} is in no statement: write it in one with its source, or leave it"
        " out"
        for name, words in names.items()
        for number in numbers_without_source(words, content.statements, content.sources, facts)
    ]
