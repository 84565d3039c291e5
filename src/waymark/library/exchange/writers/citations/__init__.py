"""References of records in the styles of the field, by a processor of citation styles (citeproc).

The styles are those of the Citation Style Language, https://citationstyles.org, under CC BY-SA 3.0:
Harvard as in Cite Them Right, APA, and Vancouver as the US National Library of Medicine has it.
Each file of a style says what is changed in it.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import lru_cache
from html import unescape
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from waymark.core.uk_time import uk_date
from waymark.library.exchange.record import RecordData
from waymark.library.exchange.writers.csl import csl_item
from waymark.library.exchange.writers.plain import single_line

if TYPE_CHECKING:
    from citeproc import CitationStylesStyle

FOLDER = Path(__file__).parent / "styles"
STYLES = {"harvard": "Harvard", "apa": "APA", "vancouver": "Vancouver"}
"""Name of a style, and of its file -> label."""
UNPRINTED = ("abstract", "annote", "note", "keyword")
"""Fields of an item that no reference prints."""
NUMBER = re.compile(r"^\d+\.\s*")
PAGE_RANGE = re.compile(r"(?<![\w-])(\d+)\s*[-\u2013\u2014]\s*(\d+)(?![\w-])")
ENDS = ("?", "!")
PRINTING = Lock()


def references(
    records: Sequence[RecordData], style: str, *, accessed: date | None = None
) -> list[str]:
    """A reference for each record, in their order, as plain text.

    style: one of STYLES. accessed: the day on which it is cited, for what has an address and no day
    on which a cataloguer looked at it; styles do not print the day of what has a DOI.
    """
    # Half a second, which nobody waits for who cites nothing.
    from citeproc import Citation, CitationItem, CitationStylesBibliography, formatter
    from citeproc.source.json import CiteProcJSON

    dated = [replace(record, accessed_on=record.accessed_on or accessed) for record in records]
    items = [_item(record, number, style) for number, record in enumerate(dated)]
    # A style that is loaded holds the state of what it prints.
    with PRINTING:
        source = CiteProcJSON(items)
        bibliography = CitationStylesBibliography(_loaded(style), source, formatter.plain)
        for item in items:
            bibliography.register(Citation([CitationItem(item["id"])]))
        # The keys are in the order of registration; the style may sort what it prints.
        printed = dict(zip(bibliography.keys, bibliography.bibliography(), strict=True))
    return [single_line(unescape(NUMBER.sub("", str(printed[item["id"]])))) for item in items]


def write_references(records: Sequence[RecordData], style: str) -> bytes:
    """A reference on each line, sorted by its words where the style does so, else numbered."""
    lines = references(records, style, accessed=uk_date(datetime.now(UTC)))
    if style == "vancouver":
        lines = [f"{number}. {line}" for number, line in enumerate(lines, start=1)]
    else:
        lines.sort(key=str.casefold)
    return "".join(f"{line}\n" for line in lines).encode()


def _item(record: RecordData, number: int, style: str) -> dict[str, object]:
    item = {name: value for name, value in csl_item(record).items() if name not in UNPRINTED}
    if record.editors and not record.authors:
        # The editors begin the reference, and not the publisher.
        item.pop("author", None)
    item["title"] = _title(record)
    if "page" in item:
        item["page"] = _page_ranges(record.pages, shortest=style == "vancouver")
    if item["type"] == "book" and "container-title" in item:
        # A book is in a series; what is in another book is a chapter.
        series = item.pop("container-title")
        item.setdefault("collection-title", series)
    # Keys of a bibliography are in small letters and unique.
    return item | {"id": f"r{number}"}


def _title(record: RecordData) -> str:
    """Title and strapline as the reference has them: "What can we learn? A study", no full stop."""
    title = single_line(record.title)
    if record.strapline:
        title += f"{'' if title.endswith(ENDS) else ':'} {single_line(record.strapline)}"
    return title if title.endswith("..") else title.removesuffix(".")


def _page_ranges(pages: str, *, shortest: bool) -> str:
    """Ranges of pages with whole last pages, 104-17 as 104-117; shortest: as 104-17 again."""

    def written(match: re.Match[str]) -> str:
        first, last = match.groups()
        # Catalogues leave out the digits that the last page shares with the first.
        whole = first[: -len(last)] + last if len(last) < len(first) else last
        if int(whole) < int(first):
            return match[0]
        if shortest and len(whole) == len(first):
            pairs = zip(first, whole, strict=True)
            whole = whole[next((at for at, (one, two) in enumerate(pairs) if one != two), 0) :]
        return f"{first}-{whole}"

    return PAGE_RANGE.sub(written, single_line(pages))


@lru_cache(maxsize=len(STYLES))
def _loaded(style: str) -> "CitationStylesStyle":
    from citeproc import CitationStylesStyle

    return CitationStylesStyle(str(FOLDER / f"{style}.csl"), locale="en-GB", validate=False)
