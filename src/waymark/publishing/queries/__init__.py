"""Queries about published overviews: editions, what they are protected against, their evidence.

An edition is current from when it is published until it is withdrawn or a newer one is published.
"""

from waymark.publishing.queries.editions import (
    ComparedEditions,
    closed_cited_reports,
    compare_editions,
    current_editions,
    document_of,
    edition_document,
    edition_of,
    edition_release,
    editions_of,
    has_closed_parts,
    next_release,
    pdf_path,
    public_pages_warning,
    public_pdf,
    published_edition,
    report_of,
    table_of,
)
from waymark.publishing.queries.evidence import (
    RESTRICTED,
    ChapterUse,
    PassageUse,
    WithheldCell,
    cell_evidence,
    chapters_citing,
    uses_of,
    withheld_cell,
    withheld_cells,
    withheld_evidence,
    withheld_uses_of,
)
from waymark.publishing.queries.ledger import (
    earlier_entries,
    ledger_entries_before,
    ledger_entries_for,
)
from waymark.publishing.queries.manuscripts import current_edition

__all__ = [
    "RESTRICTED",
    "ChapterUse",
    "ComparedEditions",
    "PassageUse",
    "WithheldCell",
    "cell_evidence",
    "chapters_citing",
    "closed_cited_reports",
    "compare_editions",
    "current_edition",
    "current_editions",
    "document_of",
    "earlier_entries",
    "edition_document",
    "edition_of",
    "edition_release",
    "editions_of",
    "has_closed_parts",
    "ledger_entries_before",
    "ledger_entries_for",
    "next_release",
    "pdf_path",
    "public_pages_warning",
    "public_pdf",
    "published_edition",
    "report_of",
    "table_of",
    "uses_of",
    "withheld_cell",
    "withheld_cells",
    "withheld_evidence",
    "withheld_uses_of",
]
