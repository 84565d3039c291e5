"""Drafts of briefings: the current texts, with the current state of all that they cite."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

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
from waymark.core.errors import SpecError, require_found
from waymark.documents.queries.reader import open_reviews
from waymark.publishing.document.citations import CitedRecord, ReportContent
from waymark.publishing.kinds import KIND_RULES
from waymark.publishing.models import (
    Manuscript,
    ManuscriptKind,
    Publication,
    ReportVersion,
    Signature,
)
from waymark.publishing.queries import current_edition
from waymark.publishing.queries.manuscripts import (
    ManuscriptContent,
    awaits_signature,
    signatures_on_content,
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
    news: list[Manuscript] = []
    for row in rows:
        edition = current_edition(row.slug, row.kind)
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


def publications_cited(
    manuscript: Manuscript, instead: Mapping[str, str] | None = None
) -> list[str]:
    """Keys of the publications that the texts cite. instead: texts in place of saved ones."""
    texts = {slot: row.text for slot, row in current_texts(manuscript).items()}
    return cited_publications(texts | dict(instead or {}))


@dataclass(frozen=True)
class BriefingDraft:
    """Draft of a briefing. hide_number: how many reviews it read is not shown, to protect people.

    obstacles: what must be mended before it can be signed; edition: the current one.
    """

    manuscript: Manuscript
    content: BriefingContent
    about: BriefingAbout | None
    obstacles: tuple[str, ...]
    hide_number: bool
    edition: Publication | None

    @property
    def title(self) -> str:
        return self.about.title if self.about else self.manuscript.slug

    @property
    def signable(self) -> ManuscriptContent:
        """What people sign."""
        return ManuscriptContent(self.manuscript, self.content.sha256)

    @cached_property
    def signatures(self) -> list[Signature]:
        """Valid signatures on exactly this content."""
        return signatures_on_content(self.signable)

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
    instead: Mapping[str, str] | None = None,
) -> BriefingDraft:
    """Gather a draft. records: catalogue entries of publications_cited(); instead: as there."""
    saved = {slot: row.text for slot, row in current_texts(manuscript).items()}
    texts = {slot: text for slot, text in (saved | dict(instead or {})).items() if text.strip()}
    about, faults = _about_of(texts)
    passages, refused = citable_passages(cited_passages(texts), now)
    numbers, missing = numbers_of(about.overview if about else "", named_cells(texts))
    cited = {key: records[key] for key in cited_publications(texts) if key in records}
    content = BriefingContent(
        manuscript.kind,
        ReportContent("", texts, passages, cited),
        numbers,
        {**refused, **missing},
    )
    protected = reviews_with_protected_numbers()
    return BriefingDraft(
        manuscript,
        content,
        about,
        (*faults, *_about_problems(manuscript.kind, about, now), *map(str, content.faults)),
        hide_number=bool(about and protected.keys() & set(about.reviews)),
        edition=current_edition(manuscript.slug, manuscript.kind),
    )


def _about_of(texts: Mapping[str, str]) -> tuple[BriefingAbout | None, tuple[str, ...]]:
    if not texts.get(ABOUT):
        return None, ("describe the briefing: its title, audience and selection",)
    try:
        return read_about(texts[ABOUT]), ()
    except SpecError as error:
        return None, (str(error),)


def _about_problems(kind: str, about: BriefingAbout | None, now: datetime) -> list[str]:
    """What the description of a briefing must say before it is published."""
    if about is None or kind != ManuscriptKind.BRIEFING:
        return []
    needed = {
        "the reviews that it is based on": about.reviews,
        "how the reviews were selected": about.rule,
        "the years in which they were published": about.first and about.last,
        "the date of the search": about.searched_on,
        "the date on which it is reviewed": about.review_on,
    }
    problems = [
        f"describe the briefing: enter {what}" for what, value in needed.items() if not value
    ]
    public = open_reviews(AnonymousUser(), now).filter(reference__in=about.reviews)
    unknown = set(about.reviews) - set(public.values_list("reference", flat=True))
    if unknown:
        names = ", ".join(sorted(unknown))
        problems.append(f"the public library has no review {names}: correct the list of reviews")
    return problems
