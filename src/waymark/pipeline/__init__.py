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
from waymark.pipeline.counting import begin_overview, freeze_overview, save_overview
from waymark.pipeline.doctor import examine, head_of_audit
from waymark.pipeline.intake import ingest, read_upload, take_in, work
from waymark.pipeline.previewing import Preview, preview_overview
from waymark.pipeline.reporting import (
    publish_report,
    records_cited,
    render_overview,
    report_draft,
    save_texts,
    sign_and_publish,
    sign_report,
)
from waymark.pipeline.repository import (
    begin_check,
    file_as_new,
    file_under,
    publish_deposit,
    receive_deposit,
    return_deposit,
    send_letter,
)
from waymark.pipeline.states import begin_all_terms, change_state, expire_due

__all__ = [
    "Preview",
    "ReviewDescription",
    "begin_all_terms",
    "begin_check",
    "begin_overview",
    "change_state",
    "describe_resource",
    "describe_review",
    "examine",
    "expire_due",
    "file_as_new",
    "file_under",
    "freeze_overview",
    "head_of_audit",
    "import_adjudication",
    "import_coding",
    "import_coding_file",
    "ingest",
    "preview_overview",
    "publish_deposit",
    "publish_report",
    "read_upload",
    "receive_deposit",
    "records_cited",
    "render_overview",
    "report_draft",
    "return_deposit",
    "review_described",
    "save_overview",
    "save_texts",
    "send_letter",
    "settle_review",
    "sign_and_publish",
    "sign_report",
    "suggest_codes",
    "take_in",
    "work",
]
