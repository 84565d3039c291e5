"""References of records in the styles of the field, by a processor of citation styles (citeproc).

The styles are those of the Citation Style Language, https://citationstyles.org, under CC BY-SA 3.0:
Harvard as in Cite Them Right, APA, and Vancouver as the US National Library of Medicine has it.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING

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


def references(records: Sequence[RecordData], style: str) -> list[str]:
    """A reference for each record, in their order, as plain text. style: one of STYLES."""
    # Half a second, which nobody waits for who exports nothing.
    from citeproc import Citation, CitationItem, CitationStylesBibliography, formatter
    from citeproc.source.json import CiteProcJSON

    items = [_item(record, number) for number, record in enumerate(records)]
    bibliography = CitationStylesBibliography(_loaded(style), CiteProcJSON(items), formatter.plain)
    for item in items:
        bibliography.register(Citation([CitationItem(item["id"])]))
    # The keys are in the order of registration; the style may sort what it prints.
    printed = dict(zip(bibliography.keys, bibliography.bibliography(), strict=True))
    return [single_line(unescape(NUMBER.sub("", str(printed[item["id"]])))) for item in items]


def write_references(records: Sequence[RecordData], style: str) -> bytes:
    """A reference on each line, sorted by its words where the style does so, else numbered."""
    lines = references(records, style)
    if style == "vancouver":
        lines = [f"{number}. {line}" for number, line in enumerate(lines, start=1)]
    else:
        lines.sort(key=str.casefold)
    return "".join(f"{line}\n" for line in lines).encode()


def _item(record: RecordData, number: int) -> dict[str, object]:
    item = {name: value for name, value in csl_item(record).items() if name not in UNPRINTED}
    # Keys of a bibliography are in small letters and unique.
    return item | {"id": f"r{number}"}


@lru_cache(maxsize=len(STYLES))
def _loaded(style: str) -> "CitationStylesStyle":
    from citeproc import CitationStylesStyle

    return CitationStylesStyle(str(FOLDER / f"{style}.csl"), locale="en-GB", validate=False)
