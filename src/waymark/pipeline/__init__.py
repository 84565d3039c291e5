"""The stages in order, as plain calls: read this first.

    file -> original -> pages -> text -> passages -> suggestions -> codings and judgements
         -> agreed -> frozen overview -> protected tables -> publication
         \\-> catalogue record -> index -> search hit

Each step is a service of its stage; what one stage's work means for another is said only here.
"""

from waymark.pipeline.coding import (
    import_adjudication,
    import_coding,
    import_coding_file,
    settle_review,
    suggest_codes,
)
from waymark.pipeline.counting import freeze_overview
from waymark.pipeline.doctor import examine
from waymark.pipeline.intake import change_state, ingest, read_upload, take_in, work

__all__ = [
    "change_state",
    "examine",
    "freeze_overview",
    "import_adjudication",
    "import_coding",
    "import_coding_file",
    "ingest",
    "read_upload",
    "settle_review",
    "suggest_codes",
    "take_in",
    "work",
]
