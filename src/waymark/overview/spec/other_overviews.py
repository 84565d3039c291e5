"""Overviews of other bodies as YAML, and the lines in which a form has their findings. Pure."""

from typing import Annotated, Literal

from pydantic import Field

from waymark.core import yaml_file
from waymark.core.errors import FileFault, SpecError
from waymark.frameworks.variables import FrameworkPart, Id, Text, Words
from waymark.overview.spec.schema import Period
from waymark.overview.spec.selection import Slug, matching_pattern

MOST_OVERVIEWS, MOST_FINDINGS, LONGEST_FINDING = 200, 100, 400
Address = Annotated[str, matching_pattern(r"https?://\S{3,490}", "a web address, as https://...")]
Number = Annotated[float, Field(ge=0, le=9_999_999)]
Whole = Annotated[int, Field(ge=0, le=9_999_999)]


class FindingEntry(FrameworkPart):
    """A finding in our own words. unit: of number and base, as reviews; "per cent" for a share."""

    text: Annotated[Text, Field(max_length=LONGEST_FINDING)]
    theme: Id | None = None
    page: Words | None = None
    number: Number | None = None
    base: Whole | None = None
    unit: Annotated[Words, Field(max_length=40)] | None = None


class OtherOverviewEntry(FrameworkPart):
    """One overview of another body. See overview.models.OtherOverview."""

    slug: Slug
    title: Words
    body: Words
    nation: Annotated[Words, Field(max_length=60)] | None = None
    period: Annotated[Period, Field(max_length=60)]
    year: Annotated[int, Field(ge=1900, le=2100)] | None = None
    reviews: Whole | None = None
    children: Whole | None = None
    method: Annotated[Text, Field(max_length=4_000)] | None = None
    caveats: Annotated[tuple[Words, ...], Field(min_length=1, max_length=20)]
    judged_by: Words
    record: Slug | None = None
    address: Address | None = None
    findings: Annotated[tuple[FindingEntry, ...], Field(max_length=MOST_FINDINGS)] = ()


class OtherOverviewsFile(FrameworkPart):
    """All overviews of a file."""

    format: Literal["waymark-other-overviews 1"]
    overviews: Annotated[tuple[OtherOverviewEntry, ...], Field(max_length=MOST_OVERVIEWS)]


def read_other_overviews(source: str, *, file: str) -> tuple[OtherOverviewEntry, ...]:
    """The overviews of a YAML text. Raises SpecError with every fault and its line."""
    read, lines = yaml_file.read_yaml(source, OtherOverviewsFile, file=file)
    slugs = [entry.slug for entry in read.overviews]
    faults = [
        FileFault(yaml_file.line_of(lines, ("overviews", at, "slug")), f"{slug} is listed twice")
        for at, slug in enumerate(slugs)
        if slug in slugs[:at]
    ]
    if faults:
        raise SpecError(file, faults)
    return read.overviews


PARTS = "theme | finding | page | number | base | unit"


def finding_line(entry: FindingEntry) -> str:
    """A finding as a line of a form, empty parts at the end left out."""
    number = "" if entry.number is None else f"{entry.number:g}"
    base = "" if entry.base is None else str(entry.base)
    parts = (entry.theme or "", entry.text, entry.page or "", number, base, entry.unit or "")
    return " | ".join(parts).rstrip(" |")


def finding_of(line: str) -> dict[str, object]:
    """The values of a line; those left out are missing. Raises ValueError that says what to do."""
    values = [value.strip() for value in line.split("|")]
    if not 2 <= len(values) <= 6 or not values[1]:
        raise ValueError(f"“{line[:60]}”: write {PARTS}")
    names = ("theme", "text", "page", "number", "base", "unit")
    entry: dict[str, object] = {
        name: value for name, value in zip(names, values, strict=False) if value
    }
    for name, kind in (("number", float), ("base", int)):
        if name in entry:
            try:
                entry[name] = kind(str(entry[name]))
            except ValueError:
                raise ValueError(f"“{line[:60]}”: {name} must be a number") from None
    return entry
