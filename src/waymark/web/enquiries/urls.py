"""Addresses of the enquiries."""

from django.urls import URLPattern, path

from waymark.web.enquiries import (
    answer_writing,
    answers,
    ask,
    calls,
    consultancy,
    copy,
    drafts,
    emails,
    gaps,
    references,
    search_reports,
    searches,
    staff,
    statistics,
    strategies,
)

urlpatterns: list[URLPattern] = [
    path("ask/", ask.ask, name="ask"),
    path("ask/copy/<slug:key>/", copy.ask_for_copy, name="ask-for-copy"),
    path("ask/<str:reference>/<str:token>/", ask.enquiry_thread, name="enquiry-thread"),
    path("answers/", answers.answer_list, name="answers"),
    path("answers/<slug:key>/", answers.answer_page, name="answer"),
    path("staff/answers/", answer_writing.answers_in_progress, name="edit-answers"),
    path("staff/answers/new/", answer_writing.new_answer, name="new-answer"),
    path("staff/answers/<slug:key>/", answer_writing.edit_answer, name="edit-answer"),
    path("staff/gaps/", gaps.gap_list, name="gaps"),
    path("staff/gaps/<n:number>/", gaps.gap_page, name="gap"),
    path(
        "ask/<str:reference>/<str:token>/search-<n:number>.<str:ending>",
        search_reports.sent_report,
        name="enquiry-search-report",
    ),
    path("check-references/", references.check_page, name="check-references"),
    path("staff/searches/", searches.search_list, name="searches"),
    path("staff/searches/new/", searches.new_search, name="new-search"),
    path("staff/searches/<n:number>/", searches.search_page, name="literature-search"),
    path("staff/searches/<n:number>/edit/", searches.edit_search, name="edit-search"),
    path("staff/searches/<n:number>/results/", searches.search_results, name="search-results"),
    path(
        "staff/searches/<n:number>/sources/<n:source>/",
        strategies.strategy_page,
        name="search-source",
    ),
    path(
        "staff/searches/<n:number>/report.<str:ending>",
        search_reports.search_report,
        name="search-report",
    ),
    path("staff/enquiries/", staff.enquiry_list, name="enquiries"),
    path("staff/enquiries/call/", calls.log_call, name="log-call"),
    path("staff/enquiries/emails/", emails.emails_to_sort, name="sort-emails"),
    path("staff/enquiries/emails/<n:number>/", emails.sort_email, name="sort-email"),
    path("staff/enquiries/statistics/", statistics.statistics_page, name="desk-statistics"),
    path("staff/inbound-mail/", emails.inbound_mail, name="inbound-mail"),
    path("staff/inbound-mail/<n:number>.eml", emails.inbound_file, name="inbound-file"),
    path("staff/enquiries/<str:reference>/", staff.enquiry_page, name="enquiry"),
    path("staff/enquiries/<str:reference>/draft/", drafts.store_answer, name="store-answer"),
    path(
        "staff/enquiries/<str:reference>/references/",
        references.enquiry_references,
        name="enquiry-references",
    ),
    path(
        "staff/enquiries/<str:reference>/consultancy/",
        consultancy.consultancy_page,
        name="consultancy",
    ),
    path(
        "staff/enquiries/<str:reference>/files/<n:number>/",
        emails.enquiry_attachment,
        name="enquiry-attachment",
    ),
]
