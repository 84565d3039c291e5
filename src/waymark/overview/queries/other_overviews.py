"""Overviews of other bodies, by theme and by nation, as far as a person may see them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db.models import QuerySet

from waymark.accounts.permissions import Actor, has_permission
from waymark.core.errors import require_found
from waymark.frameworks.queries import file_of, newest_version
from waymark.overview.models import OtherFinding, OtherOverview
from waymark.overview.spec.other_overviews import FindingEntry, OtherOverviewEntry

WRITE = "write overviews"
FRAMEWORK = "cr-core"


@dataclass(frozen=True, slots=True)
class ThemeFindings:
    """What other overviews found on a theme. theme: id of its code, "" for all else."""

    theme: str
    name: str
    findings: tuple[OtherFinding, ...]


def open_other_overviews(person: Actor) -> QuerySet[OtherOverview]:
    """The overviews that a person may see: those listed, and all for those who write overviews."""
    rows = OtherOverview.objects.prefetch_related("findings")
    return rows if has_permission(person, WRITE) else rows.filter(listed=True)


def other_overview_for(slug: str, person: Actor) -> OtherOverview:
    """The overview of a name. Raises NotFound, also if the person may not see it."""
    row = open_other_overviews(person).filter(slug=slug).first()
    return require_found(row, f"there is no other overview {slug}")


def findings_by_theme(overviews: Iterable[OtherOverview]) -> list[ThemeFindings]:
    """The findings of some overviews by theme, themes in the order of the framework."""
    names = theme_names()
    by_theme: dict[str, list[OtherFinding]] = {theme: [] for theme in names}
    for overview in overviews:
        for finding in overview.findings.all():
            finding.overview = overview
            by_theme[finding.theme if finding.theme in names else ""].append(finding)
    return [
        ThemeFindings(theme, names[theme], tuple(findings))
        for theme, findings in by_theme.items()
        if findings
    ]


def theme_names() -> dict[str, str]:
    """Code -> name, of the newest framework, then "" for findings on no theme of it."""
    newest = newest_version(FRAMEWORK)
    codes = file_of(newest).codes if newest is not None else ()
    return {**{code.id: code.name for code in codes}, "": "Other findings"}


def entry_of(overview: OtherOverview) -> OtherOverviewEntry:
    """A stored overview in the form of a file."""
    fields = ("nation", "method", "record", "address")
    return OtherOverviewEntry(
        slug=overview.slug,
        title=overview.title,
        body=overview.body,
        period=overview.period,
        year=overview.year,
        reviews=overview.reviews,
        children=overview.children,
        caveats=tuple(overview.caveat_lines),
        judged_by=overview.judged_by,
        findings=tuple(map(finding_entry, overview.findings.all())),
        **{name: getattr(overview, name) or None for name in fields},
    )


def finding_entry(finding: OtherFinding) -> FindingEntry:
    """A stored finding in the form of a file."""
    return FindingEntry(
        text=finding.text,
        theme=finding.theme or None,
        page=finding.page or None,
        number=None if finding.number is None else float(finding.number),
        base=finding.base,
        unit=finding.unit or None,
    )


# ---- the chapter of a report ----

UNMARKED = str.maketrans("", "", "{}[]*#")
"""Characters that mean something in the texts of a report."""


def chapter_text(overviews: Iterable[OtherOverview]) -> str:
    """A first text for the chapter on other overviews; editors change it before they sign.

    Every sentence with numbers cites the record of its overview, if the library has one.
    """
    return "\n\n".join(part for row in overviews for part in _section_of(row)) + "\n"


def _section_of(row: OtherOverview) -> Iterator[str]:
    cited = f" [@record:{row.record}]" if row.record else ""
    yield f"### {_unmarked(row.title)}"
    size = f" It counts {row.reviews} reviews" if row.reviews else ""
    size += f" about {row.children} children" if size and row.children else ""
    sentence = f"{_unmarked(row.body)}, {_unmarked(row.period)}{cited}."
    yield f"{sentence}{size}{cited}." if size else sentence
    if row.method:
        yield _sentence(row.method, cited)
    for finding in row.findings.all():
        yield f"- {_sentence(_finding_words(finding), cited)}"
    reasons = "; ".join(_unmarked(line).rstrip(".") for line in row.caveat_lines)
    yield f"Its numbers are not comparable with those of this report: {reasons}{cited}."


def _finding_words(finding: OtherFinding) -> str:
    """A finding with its number and page. Example: Neglect was seen late: 5 of 12 reviews, page 17.

    A share is written with its base: 37 per cent of 175.
    """
    words = finding.text.rstrip(".")
    if finding.number is not None:
        number = f"{finding.number:f}".removesuffix(".0")
        base = "" if finding.base is None else f" of {finding.base}"
        share = finding.unit == "per cent"
        amount = f"{number} per cent{base}" if share else f"{number}{base} {finding.unit}".rstrip()
        words += f": {amount}"
    return f"{words}, page {finding.page}" if finding.page else words


def _sentence(words: str, cited: str) -> str:
    return f"{_unmarked(words).rstrip('.')}{cited}."


def _unmarked(words: str) -> str:
    return " ".join(words.translate(UNMARKED).split())
