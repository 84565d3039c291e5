"""Quotations in the text of a theme that the agreed codings do not give to it."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import lru_cache

from waymark.core.errors import ParseError
from waymark.core.spans import Span, merged_spans
from waymark.documents.keys import parse_span_key
from waymark.frameworks.schema import FrameworkFile
from waymark.overview.models import Snapshot
from waymark.overview.queries.overviews import frozen_rows
from waymark.overview.releases.release import Release
from waymark.publishing.document.blocks import themes_of
from waymark.publishing.document.compose import TextFault
from waymark.publishing.document.markdown import read_text
from waymark.publishing.queries.side_doors import FactPlaces


@lru_cache(maxsize=4)
def _coded_spans(pk: int, sha256: str) -> dict[str, dict[str, list[Span]]]:
    """Spans of each text by the code that was agreed for them. sha256: only for the cache key."""
    spans: dict[str, dict[str, list[Span]]] = defaultdict(lambda: defaultdict(list))
    for row in frozen_rows(Snapshot.objects.get(pk=pk)).codes:
        if row.present:
            for quote in row.quotes:
                spans[row.code][quote.text].append(Span(quote.start, quote.end))
    return {code: dict(texts) for code, texts in spans.items()}


def theme_quotation_faults(
    snapshot: Snapshot, release: Release, texts: Mapping[str, str]
) -> Iterator[TextFault]:
    """Faults of quotations in the texts of themes.

    Each must be a part of a passage that the agreed codings give to the theme, so that nobody picks
    words for a theme that no coder found in them.
    """
    coded = _coded_spans(snapshot.pk, snapshot.sha256)
    for slot, text in texts.items():
        theme = slot.partition(":")[2]
        if theme not in themes_of(release):
            continue
        places = _places_of(theme, release.framework, coded)
        for mark in read_text(text).marks():
            if mark.kind == "quote" and not _is_coded(mark.name, places):
                name = release.framework.code(theme).name
                message = (
                    f"the passage {mark.name} is not coded with {name}: quote one that is, or have"
                    " the coding of its review reopened"
                )
                yield TextFault(slot, mark.line, message, readable=True)


def _places_of(
    theme: str, framework: FrameworkFile, coded: Mapping[str, Mapping[str, list[Span]]]
) -> FactPlaces:
    """Places of a theme: those of its code and of the codes under it."""
    parents = {code.id: code.parent for code in framework.codes}
    spans: dict[str, list[Span]] = defaultdict(list)
    for code, texts in coded.items():
        above: str | None = code
        while above is not None and above != theme:
            above = parents.get(above)
        if above == theme:
            for text, pieces in texts.items():
                spans[text] += pieces
    return FactPlaces({text: merged_spans(pieces) for text, pieces in spans.items()})


def _is_coded(key: str, places: FactPlaces) -> bool:
    try:
        return places.cover(parse_span_key(key))
    except ParseError:
        # compose.py reports a key that is none.
        return True
