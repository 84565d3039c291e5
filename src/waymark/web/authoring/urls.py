"""Addresses of writing, deciding on and signing overviews."""

from django.urls import URLPattern, path

from waymark.web.authoring import (
    carried,
    comparing,
    disclosure_decision,
    drafts,
    edition_notes,
    figures,
    other_overviews,
    overview_list,
    quotations,
    selection,
    signing,
    small_numbers,
    specs,
    tables,
    texts,
    unsaved,
)

urlpatterns: list[URLPattern] = [
    path(
        "staff/other-overviews/",
        other_overviews.manage_other_overviews,
        name="keep-other-overviews",
    ),
    path(
        "staff/other-overviews/add/",
        other_overviews.edit_other_overview,
        name="add-other-overview",
    ),
    path(
        "staff/other-overviews/<slug:slug>/",
        other_overviews.edit_other_overview,
        name="edit-other-overview",
    ),
    path(
        "staff/overviews/<slug:slug>/other-overviews/",
        other_overviews.fill_chapter,
        name="fill-other-overviews",
    ),
    path(
        "staff/overviews/<slug:slug>/editions/<n:number>/note/",
        edition_notes.note_edition,
        name="note-edition",
    ),
    path(
        "staff/overviews/<slug:slug>/next-edition/",
        edition_notes.next_edition,
        name="next-edition",
    ),
    path("staff/overviews/<slug:slug>/report/", texts.report_texts, name="writing"),
    path("staff/overviews/<slug:slug>/sign/", signing.sign_report, name="sign-report"),
    path(
        "staff/overviews/<slug:slug>/decision/",
        disclosure_decision.decide_on_disclosure,
        name="decide",
    ),
    path("staff/overviews/<slug:slug>/check/", small_numbers.check_tables, name="check-tables"),
    path("staff/overviews/<slug:slug>/remedy/", small_numbers.remedy, name="remedy"),
    path("staff/overviews/<slug:slug>/compare/", comparing.compare_draft, name="compare-draft"),
    path("staff/overviews/<slug:slug>/draft/", drafts.draft_page, name="draft"),
    path("staff/overviews/<slug:slug>/confirm/", carried.confirm_carried, name="confirm-texts"),
    path("staff/overviews/<slug:slug>/draft.pdf", drafts.draft_pdf, name="draft-pdf"),
    path("staff/overviews/<slug:slug>/report/<str:slot>/", texts.write_text, name="write-text"),
    path(
        "staff/overviews/<slug:slug>/report/<str:slot>/unsaved/",
        unsaved.store_unsaved,
        name="store-unsaved",
    ),
    path(
        "staff/overviews/<slug:slug>/report/<str:slot>/unsaved/drop/",
        unsaved.drop_unsaved,
        name="drop-unsaved",
    ),
    path(
        "staff/overviews/<slug:slug>/report/<str:slot>/versions/",
        texts.text_history,
        name="text-history",
    ),
    path(
        "staff/overviews/<slug:slug>/report/<str:slot>/versions/<n:number>/",
        texts.text_version,
        name="text-version",
    ),
    path(
        "staff/overviews/<slug:slug>/passages/<str:theme>/",
        quotations.choose_passages,
        name="choose-passages",
    ),
    path("staff/overviews/", overview_list.overview_list, name="specs"),
    path("staff/overviews/new/", specs.new_overview, name="new-overview"),
    path("staff/overviews/<slug:slug>/reviews/", selection.choose_reviews, name="overview-reviews"),
    path("staff/overviews/<slug:slug>/tables/", tables.tables, name="overview-tables"),
    path("staff/overviews/<slug:slug>/tables/add/", tables.add_table, name="add-table"),
    path("staff/overviews/<slug:slug>/tables/<str:table>/", tables.edit_table, name="edit-table"),
    path(
        "staff/overviews/<slug:slug>/tables/<str:table>/preview/",
        tables.table_preview,
        name="table-preview",
    ),
    path(
        "staff/overviews/<slug:slug>/tables/<str:table>/figures/add/",
        figures.add_figure,
        name="add-figure",
    ),
    path(
        "staff/overviews/<slug:slug>/figures/<str:figure>/",
        figures.edit_figure,
        name="edit-figure",
    ),
    path("staff/overviews/<slug:slug>/freeze/", selection.freeze_numbers, name="overview-freeze"),
    path("staff/overviews/<slug:slug>/spec/", specs.edit_spec, name="spec"),
    path("staff/overviews/<slug:slug>/spec/preview/", specs.spec_preview, name="spec-preview"),
    path("staff/overviews/<slug:slug>/history/", specs.spec_history, name="spec-history"),
    path(
        "staff/overviews/<slug:slug>/versions/<n:number>/", specs.spec_version, name="spec-version"
    ),
]
