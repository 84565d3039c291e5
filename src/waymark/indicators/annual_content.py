"""Content of an annual report: its texts, and the values of its indicators as they were. Pure.

The content is frozen as canonical JSON. Its hash is what people sign, so a value that is revised
before publication needs new signatures.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from waymark.core.licences import licence_label
from waymark.core.uk_time import uk_date
from waymark.core.wording import date_in_words
from waymark.indicators.cells import MARKERS, IndicatorCell
from waymark.indicators.line_chart import BreakMark, NationSeries, SeriesPoint, series_figure
from waymark.indicators.periods import Period
from waymark.publishing.document.nodes import (
    CaseTable,
    EditionInfo,
    FactList,
    FigureNode,
    HeadingNode,
    Node,
    ParagraphNode,
    PointList,
    ReportDocument,
    with_sources,
)

FORMAT = "waymark-annual-report 1"
CAUTION = (
    "These are official figures, shown as context. The nations count differently: do not add them"
    " up and do not rank them. Nothing here says what will happen to a child or a family."
)


@dataclass(frozen=True, slots=True)
class FrozenNation:
    """A nation's part of an indicator. points: start, end, value, decimals, marker, note as text.

    breaks: day and note. absence: why there are no values, "" if there are.
    """

    nation: str
    measure: str = ""
    unit: str = ""
    finding: str = ""
    counting: str = ""
    absence: str = ""
    points: tuple[tuple[str, ...], ...] = ()
    breaks: tuple[tuple[str, str], ...] = ()

    @property
    def series(self) -> NationSeries | None:
        """Its values; None if there are none."""
        if not self.points:
            return None
        points = tuple(
            SeriesPoint(
                Period(date.fromisoformat(start), date.fromisoformat(end)),
                IndicatorCell(Decimal(value) if value else None, int(decimals), marker),
                note,
            )
            for start, end, value, decimals, marker, note in self.points
        )
        breaks = tuple(BreakMark(date.fromisoformat(day), note) for day, note in self.breaks)
        return NationSeries(self.nation, self.measure, self.unit, points, breaks, self.finding)


@dataclass(frozen=True, slots=True)
class FrozenIndicator:
    """An indicator as it was. sources: publisher, title, licence, day and note of each."""

    slug: str
    name: str
    title: str
    definition: str
    cautions: tuple[str, ...]
    comparability: str
    nations: tuple[FrozenNation, ...]
    sources: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class AnnualContent:
    """All that an edition publishes. texts: "foreword", "method", "indicator--SLUG" -> text."""

    title: str
    subtitle: str
    texts: Mapping[str, str] = field(default_factory=dict)
    indicators: tuple[FrozenIndicator, ...] = ()

    @property
    def sha256(self) -> str:
        """Hash that people sign, in hex."""
        return hashlib.sha256(self.to_json()).hexdigest()

    def to_json(self) -> bytes:
        """Canonical JSON: keys sorted, no spaces, UTF-8."""
        content = {"format": FORMAT, **asdict(self)}
        return json.dumps(
            content, sort_keys=True, separators=(",", ":"), ensure_ascii=False
        ).encode()


def content_from(written: bytes) -> AnnualContent:
    """Read a content that to_json() wrote."""
    values: dict[str, Any] = json.loads(written)
    return AnnualContent(
        values["title"],
        values["subtitle"],
        values["texts"],
        tuple(_indicator_from(row) for row in values["indicators"]),
    )


def _indicator_from(row: dict[str, Any]) -> FrozenIndicator:
    nations = tuple(
        FrozenNation(
            **{
                **nation,
                "points": tuple(map(tuple, nation["points"])),
                "breaks": tuple(map(tuple, nation["breaks"])),
            }
        )
        for nation in row["nations"]
    )
    return FrozenIndicator(
        **{
            **row,
            "cautions": tuple(row["cautions"]),
            "nations": nations,
            "sources": tuple(map(tuple, row["sources"])),
        }
    )


# ---- the document ----


def compose_annual(content: AnnualContent, edition: EditionInfo) -> ReportDocument:
    """The whole report: foreword, a chapter for each indicator, method, signatures."""
    nodes: list[Node] = [ParagraphNode((CAUTION,))]
    if content.texts.get("foreword"):
        nodes += [HeadingNode(2, "Foreword", "foreword"), *_text_nodes(content.texts["foreword"])]
    number = 0
    for at, indicator in enumerate(content.indicators, start=1):
        anchor = f"indicator--{indicator.slug}"
        nodes.append(HeadingNode(2, indicator.title, anchor, str(at)))
        nodes += _text_nodes(content.texts.get(anchor, ""))
        for node in _indicator_nodes(indicator):
            if isinstance(node, FigureNode):
                number += 1
                node = FigureNode(f"Figure {number}", node.figure, node.table)
            nodes.append(node)
    if content.texts.get("method"):
        nodes += [HeadingNode(2, "About this report", "method")]
        nodes += _text_nodes(content.texts["method"])
    nodes += [HeadingNode(2, "Markers", "markers"), FactList(_marker_facts())]
    if edition.signatures:
        signed = tuple(
            (row.name, f"{row.capacity}, {date_in_words(uk_date(row.signed_at))}")
            for row in edition.signatures
        )
        nodes += [HeadingNode(2, "Signed by", "signatures"), FactList(signed)]
    document = ReportDocument(
        content.title, content.subtitle, "", edition.statement, edition.dated, tuple(nodes)
    )
    return with_sources(document)


def _marker_facts() -> tuple[tuple[str, str], ...]:
    return tuple((f"[{mark}]", meaning) for mark, meaning in MARKERS.items())


def _text_nodes(text: str) -> Iterator[Node]:
    """Paragraphs between empty lines; lines that begin with "- " are a list."""
    for block in text.replace("\r\n", "\n").split("\n\n"):
        lines = [line.strip() for line in block.splitlines() if line.strip()]
        if lines and all(line.startswith("- ") for line in lines):
            yield PointList(tuple((line[2:],) for line in lines), written=True)
        elif lines:
            yield ParagraphNode((" ".join(lines),), written=True)


def _indicator_nodes(indicator: FrozenIndicator) -> Iterator[Node]:
    yield ParagraphNode((f"{indicator.name}. {indicator.definition}",))
    yield PointList(tuple((line,) for line in indicator.cautions))
    yield ParagraphNode((indicator.comparability,))
    for nation in indicator.nations:
        anchor = f"{indicator.slug}--{nation.nation.lower().replace(' ', '-')}"
        yield HeadingNode(3, nation.nation, anchor)
        series = nation.series
        if series is None:
            yield ParagraphNode((nation.absence or "There are no values.",))
            continue
        if (figure := series_figure(f"{anchor}--chart", series)) is not None:
            yield FigureNode("", figure, "the table below")
        rows = tuple((point.period.label, point.cell.shown, point.note) for point in series.points)
        title = f"{nation.nation}: {nation.measure}"
        yield CaseTable(title, ("Period", "Value", "Note"), rows)
        if nation.counting:
            yield ParagraphNode((nation.counting,))
    yield PointList(tuple((_source_words(row),) for row in indicator.sources))


def _source_words(source: tuple[str, ...]) -> str:
    publisher, title, licence, day, note = source
    parts = [f"Source: {publisher}, {title}" if publisher else f"Source: {title}"]
    parts += [f"published {date_in_words(date.fromisoformat(day))}"] if day else []
    return f"{', '.join(parts)}. Licence: {licence_label(licence) or 'not known'}. {note}".strip()
