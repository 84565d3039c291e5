"""Addresses of holdings, uploads and accounts."""

from django.urls import URLPattern, path

from waymark.web.staff import (
    accounts,
    anonymity,
    audit_log,
    find_and_quote,
    hidden_text,
    holdings,
    invitations,
    my_work,
    public_words,
    readings,
    review_files,
    review_list,
    scanned_pages,
)

urlpatterns: list[URLPattern] = [
    path("staff/my-work/", my_work.my_work, name="my-work"),
    path("staff/", review_list.holdings_list, name="staff"),
    path("staff/reports/<str:key>/anonymity/", anonymity.anonymity, name="anonymity"),
    path("staff/reviews/<slug:reference>/files/", review_files.review_files, name="review-files"),
    path("staff/anonymity/", anonymity.anonymity_checks, name="anonymity-checks"),
    path("staff/anonymity/words/", anonymity.anonymity_words, name="anonymity-words"),
    path(
        "staff/reviews/<slug:reference>/anonymity/", public_words.review_words, name="review-words"
    ),
    path(
        "staff/resources/<slug:key>/anonymity/", public_words.resource_words, name="resource-words"
    ),
    path("staff/reports/<str:key>/hidden-text/", hidden_text.hidden_text, name="hidden-text"),
    path("staff/reports/<str:key>/text/", readings.newer_text, name="newer-text"),
    path("staff/reports/<str:key>/text/accept/", readings.accept_text, name="accept-text"),
    path("staff/reports/<str:key>/text/reject/", readings.reject_text, name="reject-text"),
    path("staff/newer-texts/", readings.newer_texts, name="newer-texts"),
    path(
        "staff/reports/<str:key>/scanned-pages/", scanned_pages.scanned_pages, name="scanned-pages"
    ),
    path(
        "staff/reports/<str:key>/scanned-pages/release/",
        scanned_pages.release_pages,
        name="release-pages",
    ),
    path("staff/hidden-text/", hidden_text.hidden_texts, name="hidden-texts"),
    path(
        "staff/overviews/<slug:slug>/withdraw/",
        holdings.withdraw_overview,
        name="withdraw-overview",
    ),
    path("staff/upload/", holdings.upload_reports, name="upload"),
    path("staff/uploads/<str:batch>/", holdings.upload_batch, name="upload-batch"),
    path("staff/find-and-quote/", find_and_quote.find_and_quote, name="find-and-quote"),
    path("staff/find-and-quote/quotations/", find_and_quote.quotations, name="quotations"),
    path("staff/find-and-quote/draft/", find_and_quote.quote_draft, name="quote-draft"),
    path("staff/audit/", audit_log.audit_log, name="audit-log"),
    path("staff/accounts/invite/", invitations.invite_account, name="invite-account"),
    path("staff/accounts/", accounts.account_list, name="accounts"),
    path("staff/accounts/<n:number>/", accounts.manage_account, name="manage-account"),
]
