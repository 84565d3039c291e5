"""The stages in order, as plain calls: read this first.

    file -> original -> pages -> text -> passages -> suggestions -> codings and judgements
         -> agreed -> frozen overview -> protected tables -> publication
         \\-> catalogue record -> index -> search hit

Each step is a service of its stage; what one stage's work means for another is said only here.
"""

from waymark.pipeline.cataloguing import (
    ReviewDescription,
    describe_resource,
    describe_review,
    review_described,
)
from waymark.pipeline.coding import (
    import_adjudication,
    import_coding,
    import_coding_file,
    settle_review,
    suggest_codes,
)
from waymark.pipeline.counting import freeze_overview
from waymark.pipeline.doctor import examine
from waymark.pipeline.intake import ingest, read_upload, take_in, work
from waymark.pipeline.repository import (
    begin_check,
    file_as_new,
    file_under,
    publish_deposit,
    receive_deposit,
    return_deposit,
    send_letter,
)
from waymark.pipeline.states import change_state, expire_due

__all__ = [
    "ReviewDescription",
    "begin_check",
    "change_state",
    "describe_resource",
    "describe_review",
    "examine",
    "expire_due",
    "file_as_new",
    "file_under",
    "freeze_overview",
    "import_adjudication",
    "import_coding",
    "import_coding_file",
    "ingest",
    "publish_deposit",
    "read_upload",
    "receive_deposit",
    "return_deposit",
    "review_described",
    "send_letter",
    "settle_review",
    "suggest_codes",
    "take_in",
    "work",
]
