"""Annual reports: drafts with the values of now, and their editions."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from django.db.models import QuerySet

from waymark.accounts.permissions import Actor, require_permission
from waymark.core.errors import NotFound, SpecError, require_found
from waymark.indicators.annual_about import ABOUT, AnnualAbout, read_annual_about
from waymark.indicators.annual_content import (
    AnnualContent,
    FrozenIndicator,
    FrozenNation,
    compose_annual,
    content_from,
)
from waymark.indicators.models import Indicator, IndicatorState, NationPanel
from waymark.indicators.queries.indicators import panels_of, sources_of
from waymark.indicators.queries.values import nation_series
from waymark.publishing.document.nodes import ReportDocument
from waymark.publishing.models import (
    Manuscript,
    ManuscriptKind,
    Publication,
    ReportVersion,
    Signature,
)
from waymark.publishing.queries.editions import edition_of
from waymark.publishing.queries.manuscripts import (
    ManuscriptContent,
    current_edition,
    edition_rows,
    signatures_on_content,
)

KIND = ManuscriptKind.ANNUAL
WRITE = "edit indicators"


def annual_manuscripts(person: Actor) -> QuerySet[Manuscript]:
    """All annual reports. Raises NotPermitted."""
    require_permission(person, WRITE)
    return Manuscript.objects.filter(kind=KIND)


def annual_manuscript(slug: str, person: Actor) -> Manuscript:
    """An annual report by its name. Raises NotPermitted, NotFound."""
    row = annual_manuscripts(person).filter(slug=slug).first()
    return require_found(row, f"there is no annual report {slug}")


def annual_texts(manuscript: Manuscript) -> dict[str, ReportVersion]:
    """Current version of each text, by its name."""
    rows = ReportVersion.objects.filter(manuscript=manuscript, superseded_at=None)
    return {row.slot: row for row in rows}


@dataclass(frozen=True)
class AnnualDraft:
    """Draft of an annual report. obstacles: what must be mended before it can be signed."""

    manuscript: Manuscript
    content: AnnualContent
    obstacles: tuple[str, ...]
    edition: Publication | None

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


def annual_draft(manuscript: Manuscript) -> AnnualDraft:
    """The current texts with the current values."""
    texts = {slot: row.text for slot, row in annual_texts(manuscript).items()}
    obstacles: list[str] = []
    about = AnnualAbout(title=manuscript.slug)
    try:
        about = read_annual_about(texts.get(ABOUT, ""))
    except SpecError as error:
        obstacles.append(str(error))
    rows = {row.slug: row for row in Indicator.objects.filter(slug__in=about.indicators)}
    for slug in about.indicators:
        if slug not in rows:
            obstacles.append(f"there is no indicator {slug}")
        elif rows[slug].state != IndicatorState.PUBLISHED:
            obstacles.append(f"the indicator {slug} is not published")
    if not about.indicators:
        obstacles.append("choose at least one indicator")
    if not texts.get("foreword", "").strip():
        obstacles.append("write a foreword")
    content = AnnualContent(
        about.title,
        about.subtitle,
        _published_texts(texts, about.indicators),
        tuple(frozen_indicator(rows[slug]) for slug in about.indicators if slug in rows),
    )
    return AnnualDraft(
        manuscript, content, tuple(obstacles), current_edition(manuscript.slug, KIND)
    )


def _published_texts(texts: Mapping[str, str], indicators: tuple[str, ...]) -> dict[str, str]:
    """Texts of the report; those of an indicator that was taken out are left out."""
    slots = ["foreword", "method", *(f"indicator--{slug}" for slug in indicators)]
    return {slot: texts[slot] for slot in slots if texts.get(slot, "").strip()}


def frozen_indicator(indicator: Indicator) -> FrozenIndicator:
    """An indicator with its current values."""
    who = f" ({indicator.comparability_by})" if indicator.comparability_by else ""
    compared = f"{indicator.get_comparability_display()}{who}. {indicator.comparability_note}"
    return FrozenIndicator(
        slug=indicator.slug,
        name=indicator.name,
        title=indicator.title,
        definition=indicator.definition,
        cautions=tuple(indicator.caution_list),
        comparability=f"Can the nations be compared? {compared}".strip(),
        nations=tuple(map(_frozen_nation, panels_of(indicator))),
        sources=tuple(
            (
                row.publisher,
                row.title,
                row.licence,
                row.published.isoformat() if row.published else "",
                row.note,
            )
            for row in sources_of(indicator)
        ),
    )


def _frozen_nation(panel: NationPanel) -> FrozenNation:
    series = nation_series(panel)
    name = panel.get_nation_display()
    if series is None:
        return FrozenNation(name, counting=panel.counting, absence=panel.absence)
    return FrozenNation(
        nation=name,
        measure=series.measure,
        unit=series.unit,
        finding=series.finding,
        counting=panel.counting,
        points=tuple(
            (
                point.period.start.isoformat(),
                point.period.end.isoformat(),
                "" if point.cell.value is None else f"{point.cell.value:f}",
                str(point.cell.decimals),
                point.cell.marker,
                point.note,
            )
            for point in series.points
        ),
        breaks=tuple((row.starts.isoformat(), row.note) for row in series.breaks),
    )


# ---- editions ----


def published_annual_reports() -> list[Publication]:
    """Current editions of all annual reports, the latest first."""
    slugs = edition_rows(KIND).values_list("slug", flat=True).distinct()
    rows = [row for slug in set(slugs) if (row := current_edition(slug, KIND)) is not None]
    return sorted(rows, key=lambda row: row.published_at, reverse=True)


def annual_edition(slug: str, number: int | None = None) -> Publication:
    """An edition that was not withdrawn; without a number the current one. Raises NotFound."""
    if number is None:
        return require_found(current_edition(slug, KIND), f"there is no annual report {slug}")
    row = edition_rows(KIND).filter(slug=slug, edition=number, withdrawn_at=None).first()
    return require_found(row, f"there is no edition {number} of the annual report {slug}")


def withdrawn_annual(slug: str, number: int | None) -> Publication:
    """A withdrawn edition; without a number the newest, if it is. Raises NotFound."""
    rows = edition_rows(KIND).filter(slug=slug).order_by("-edition")
    row = (rows if number is None else rows.filter(edition=number)).first()
    if row is None or row.withdrawn_at is None:
        raise NotFound(f"there is no annual report {slug}")
    return row


def annual_editions(slug: str) -> list[Publication]:
    """Editions that were not withdrawn, the newest first."""
    return list(edition_rows(KIND).filter(slug=slug, withdrawn_at=None).order_by("-edition"))


def annual_document(publication: Publication) -> ReportDocument:
    """The whole of an edition, as it was signed."""
    stored = Publication.objects.values_list("report", flat=True).get(pk=publication.pk)
    return compose_annual(content_from(bytes(stored)), edition_of(publication))
