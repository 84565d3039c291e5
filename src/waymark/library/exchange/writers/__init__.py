"""Export formats. Pure: RecordData in, text or bytes out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from waymark.library.exchange.record import RecordData
from waymark.library.exchange.writers.bibtex import write_bibtex
from waymark.library.exchange.writers.citations import STYLES, write_references
from waymark.library.exchange.writers.csl import write_csl_json
from waymark.library.exchange.writers.dublin_core import write_dublin_core
from waymark.library.exchange.writers.email_draft import write_email
from waymark.library.exchange.writers.marc import write_marc21, write_marcxml
from waymark.library.exchange.writers.mods import write_mods
from waymark.library.exchange.writers.ris import write_ris
from waymark.library.exchange.writers.schema_org import write_json_ld
from waymark.library.exchange.writers.spreadsheet import write_csv, write_xlsx

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class ExportFormat:
    """An export format. ending: of its file names and addresses; write: records -> file.

    most: records that one file has at most. slow: one file takes a second of the processor.
    """

    ending: str
    label: str
    media_type: str
    write: Callable[[Sequence[RecordData]], bytes]
    most: int = 200
    slow: bool = False


WRITINGS: dict[str, ExportFormat] = {
    export_format.ending: export_format
    for export_format in (
        ExportFormat("ris", "RIS", "application/x-research-info-systems; charset=utf-8", write_ris),
        ExportFormat("bib", "BibTeX", "application/x-bibtex; charset=utf-8", write_bibtex),
        ExportFormat(
            "csl.json", "CSL-JSON", "application/vnd.citationstyles.csl+json", write_csl_json
        ),
        ExportFormat("marc.xml", "MARCXML", "application/marcxml+xml", write_marcxml),
        ExportFormat("mrc", "MARC 21", "application/marc", write_marc21),
        ExportFormat("mods.xml", "MODS", "application/mods+xml", write_mods),
        ExportFormat("csv", "CSV", "text/csv; charset=utf-8", write_csv),
        ExportFormat("xlsx", "Excel", XLSX, write_xlsx),
        *(
            ExportFormat(
                f"{style}.txt",
                f"References ({label})",
                "text/plain; charset=utf-8",
                partial(write_references, style=style),
                most=50,
                slow=True,
            )
            for style, label in STYLES.items()
        ),
        ExportFormat("eml", "Email draft", "message/rfc822", write_email, most=50),
        ExportFormat("dc.xml", "Dublin Core", "application/xml", write_dublin_core),
        ExportFormat("jsonld", "JSON-LD", "application/ld+json", write_json_ld),
    )
}
"""ending -> format."""
