"""Export formats. Pure: RecordData in, text or bytes out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from waymark.library.exchange.record import RecordData
from waymark.library.exchange.writing.bibtex import bibtex
from waymark.library.exchange.writing.csl import csl_json
from waymark.library.exchange.writing.dublin_core import dublin_core
from waymark.library.exchange.writing.marc import marc21, marcxml
from waymark.library.exchange.writing.ris import ris
from waymark.library.exchange.writing.schema_org import json_ld


@dataclass(frozen=True, slots=True)
class Writing:
    """An export format. ending: of its file names and addresses; write: records -> file."""

    ending: str
    label: str
    media_type: str
    write: Callable[[Sequence[RecordData]], bytes]


WRITINGS: dict[str, Writing] = {
    export_format.ending: export_format
    for export_format in (
        Writing("ris", "RIS", "application/x-research-info-systems; charset=utf-8", ris),
        Writing("bib", "BibTeX", "application/x-bibtex; charset=utf-8", bibtex),
        Writing("csl.json", "CSL-JSON", "application/vnd.citationstyles.csl+json", csl_json),
        Writing("marc.xml", "MARCXML", "application/marcxml+xml", marcxml),
        Writing("mrc", "MARC 21", "application/marc", marc21),
        Writing("dc.xml", "Dublin Core", "application/xml", dublin_core),
        Writing("jsonld", "JSON-LD", "application/ld+json", json_ld),
    )
}
"""ending -> format."""
