"""The stages in order, as plain function calls: read this first.

    file -> original -> pages -> text -> passages -> suggestions -> codings and judgements
         -> agreed -> frozen overview -> protected tables -> publication
         \\-> catalogue record -> index -> search hit

Each step is a service of its stage; effects of one stage on another are coded only here.

A step's module is imported when the step is first used: a command that lists accounts does not
wait for the modules that read PDF files and protect tables.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from waymark.pipeline.briefings import (
        briefing_draft,
        briefing_drafts,
        publish_briefing,
        render_briefing,
        sign_briefing,
        withdraw_briefing,
    )
    from waymark.pipeline.checks.doctor import (
        examine_installation,
        head_of_audit,
        installation_notes,
    )
    from waymark.pipeline.coding.coding_files import CodingImport, import_coding, import_coding_file
    from waymark.pipeline.coding.settling import (
        ReopenedCoding,
        import_adjudication,
        reopen_coding,
        settle_review,
    )
    from waymark.pipeline.coding.suggestions import suggest_codes, train_suggester
    from waymark.pipeline.concerns import decide_concern, hide_for_concern
    from waymark.pipeline.documents.deposits import (
        begin_check,
        confirm_deposit,
        file_as_new,
        file_under,
        publish_deposit,
        receive_deposit,
        return_deposit,
        return_deposits,
    )
    from waymark.pipeline.documents.hidden_text import check_stored_reports
    from waymark.pipeline.documents.ingest_batch import ingest_files, preview_ingest
    from waymark.pipeline.documents.intake import read_upload, store_file
    from waymark.pipeline.documents.recognition import choose_words, recognise_pages
    from waymark.pipeline.documents.rereading import (
        MovedPlaces,
        accept_reading,
        decide_move,
        propose_reading,
        reread_reports,
    )
    from waymark.pipeline.library.catalogue import (
        ReviewDescription,
        describe_resource,
        describe_review,
        review_description,
    )
    from waymark.pipeline.library.indexing import update_index
    from waymark.pipeline.library.record_checklist import (
        checklist_of_resource,
        checklist_of_review,
        publish_record,
    )
    from waymark.pipeline.library.reviews import (
        PublishedReview,
        ReviewStatus,
        ReviewWork,
        publish_review,
        publish_reviews,
        review_statuses,
        review_work,
    )
    from waymark.pipeline.mail.emails import send_letter
    from waymark.pipeline.publishing.check_tables import ask_table_check
    from waymark.pipeline.publishing.freeze import (
        begin_overview,
        decide_disclosure,
        freeze_overview,
        save_overview,
    )
    from waymark.pipeline.publishing.preview import OverviewPreview, preview_overview
    from waymark.pipeline.publishing.publication_reasons import open_reasons
    from waymark.pipeline.publishing.publish import (
        overview_table,
        publish_report,
        records_cited,
        render_overview,
        report_draft,
        save_texts,
        sign_and_publish,
        sign_report,
    )
    from waymark.pipeline.removals.erasing import erase_file
    from waymark.pipeline.removals.state_changes import (
        begin_all_retention,
        change_state,
        expire_due,
    )
    from waymark.pipeline.worker import run_worker

_MODULES = {
    "briefings": (
        "briefing_draft",
        "briefing_drafts",
        "publish_briefing",
        "render_briefing",
        "sign_briefing",
        "withdraw_briefing",
    ),
    "library.catalogue": (
        "ReviewDescription",
        "describe_resource",
        "describe_review",
        "review_description",
    ),
    "publishing.check_tables": ("ask_table_check",),
    "coding.settling": (
        "ReopenedCoding",
        "import_adjudication",
        "reopen_coding",
        "settle_review",
    ),
    "coding.coding_files": ("CodingImport", "import_coding", "import_coding_file"),
    "concerns": ("decide_concern", "hide_for_concern"),
    "documents.deposits": (
        "begin_check",
        "confirm_deposit",
        "file_as_new",
        "file_under",
        "publish_deposit",
        "receive_deposit",
        "return_deposit",
        "return_deposits",
    ),
    "checks.doctor": ("examine_installation", "head_of_audit", "installation_notes"),
    "mail.emails": ("send_letter",),
    "publishing.freeze": (
        "begin_overview",
        "decide_disclosure",
        "freeze_overview",
        "save_overview",
    ),
    "documents.hidden_text": ("check_stored_reports",),
    "library.indexing": ("update_index",),
    "removals.erasing": ("erase_file",),
    "documents.ingest_batch": ("ingest_files", "preview_ingest"),
    "documents.intake": ("read_upload", "store_file"),
    "publishing.preview": ("OverviewPreview", "preview_overview"),
    "publishing.publication_reasons": ("open_reasons",),
    "publishing.publish": (
        "overview_table",
        "publish_report",
        "records_cited",
        "render_overview",
        "report_draft",
        "save_texts",
        "sign_and_publish",
        "sign_report",
    ),
    "documents.recognition": ("choose_words", "recognise_pages"),
    "library.record_checklist": ("checklist_of_resource", "checklist_of_review", "publish_record"),
    "documents.rereading": (
        "MovedPlaces",
        "accept_reading",
        "decide_move",
        "propose_reading",
        "reread_reports",
    ),
    "library.reviews": (
        "PublishedReview",
        "ReviewStatus",
        "ReviewWork",
        "publish_review",
        "publish_reviews",
        "review_statuses",
        "review_work",
    ),
    "removals.state_changes": ("begin_all_retention", "change_state", "expire_due"),
    "coding.suggestions": ("suggest_codes", "train_suggester"),
    "worker": ("run_worker",),
}
"""Module of this package -> names that it gives to the package."""
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names}

__all__ = [
    "CodingImport",
    "MovedPlaces",
    "OverviewPreview",
    "PublishedReview",
    "ReopenedCoding",
    "ReviewDescription",
    "ReviewStatus",
    "ReviewWork",
    "accept_reading",
    "ask_table_check",
    "begin_all_retention",
    "begin_check",
    "begin_overview",
    "briefing_draft",
    "briefing_drafts",
    "change_state",
    "check_stored_reports",
    "checklist_of_resource",
    "checklist_of_review",
    "choose_words",
    "confirm_deposit",
    "decide_concern",
    "decide_disclosure",
    "decide_move",
    "describe_resource",
    "describe_review",
    "erase_file",
    "examine_installation",
    "expire_due",
    "file_as_new",
    "file_under",
    "freeze_overview",
    "head_of_audit",
    "hide_for_concern",
    "import_adjudication",
    "import_coding",
    "import_coding_file",
    "ingest_files",
    "installation_notes",
    "open_reasons",
    "overview_table",
    "preview_ingest",
    "preview_overview",
    "propose_reading",
    "publish_briefing",
    "publish_deposit",
    "publish_record",
    "publish_report",
    "publish_review",
    "publish_reviews",
    "read_upload",
    "receive_deposit",
    "recognise_pages",
    "records_cited",
    "render_briefing",
    "render_overview",
    "reopen_coding",
    "report_draft",
    "reread_reports",
    "return_deposit",
    "return_deposits",
    "review_description",
    "review_statuses",
    "review_work",
    "run_worker",
    "save_overview",
    "save_texts",
    "send_letter",
    "settle_review",
    "sign_and_publish",
    "sign_briefing",
    "sign_report",
    "store_file",
    "suggest_codes",
    "train_suggester",
    "update_index",
    "withdraw_briefing",
]


def __getattr__(name: str) -> object:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    step = getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
    globals()[name] = step
    return step
