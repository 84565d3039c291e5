"""Addresses of concerns, page feedback, deposits, notices, file expiry and publication states."""

from django.urls import URLPattern, path

from waymark.web.repository import (
    concerns,
    deposit,
    deposits,
    expiry,
    family,
    feedback,
    notices,
    originals,
    publishing,
    unsent_emails,
    visibility,
)
from waymark.web.shared.moved import moved

urlpatterns: list[URLPattern] = [
    path("deposit/", deposit.deposit_report, name="deposit"),
    path("deposit/received/<str:signed>/", deposit.deposit_received, name="deposited"),
    path("deposit/confirm/<str:token>/", deposit.confirm_deposit, name="confirm-deposit"),
    path("concern/", concerns.report_concern, name="concern"),
    path("concern/received/<str:signed>/", concerns.concern_received, name="concern-received"),
    path("useful/", feedback.give_feedback, name="page-feedback"),
    path("useful/<str:signed>/", feedback.feedback_received, name="feedback-received"),
    path("staff/feedback/", feedback.feedback_counts, name="feedback"),
    path("removals/", concerns.removals_report, name="removals"),
    path("notices/", notices.notice_list, name="notices"),
    path("staff/notices/", notices.edit_notices, name="edit-notices"),
    path("staff/notices/<n:number>/end/", notices.end_notice, name="end-notice"),
    path("staff/concerns/", concerns.concern_list, name="concerns"),
    path("staff/concerns/<str:reference>/", concerns.concern_check, name="concern-check"),
    path(
        "staff/reviews/<slug:reference>/visibility/", visibility.review_state, name="review-state"
    ),
    moved("staff/reviews/<slug:reference>/state/", "review-state"),
    path(
        "staff/reviews/<slug:reference>/publish/",
        publishing.publish_review,
        name="publish-review",
    ),
    path(
        "staff/reviews/<slug:reference>/withdraw/",
        visibility.withdraw_review,
        name="withdraw-review",
    ),
    path("staff/reviews/<slug:reference>/family/", family.family_told, name="family-told"),
    path("staff/reports/<str:key>/visibility/", visibility.report_state, name="report-state"),
    moved("staff/reports/<str:key>/state/", "report-state"),
    path("staff/reports/<str:key>/withdraw/", visibility.withdraw_report, name="withdraw-report"),
    path("reports/<str:key>/original/", originals.original_file, name="report-original"),
    path(
        "staff/reports/<str:key>/original/", originals.original_decision, name="original-decision"
    ),
    path("staff/reports/<str:key>/keeping/", expiry.file_expiry, name="report-keeping"),
    path(
        "staff/resources/<slug:key>/visibility/",
        visibility.resource_state,
        name="resource-state",
    ),
    moved("staff/resources/<slug:key>/state/", "resource-state"),
    path(
        "staff/resources/<slug:key>/withdraw/",
        visibility.withdraw_resource,
        name="withdraw-resource",
    ),
    path("staff/keeping/", expiry.file_expiry_list, name="keeping"),
    path("staff/deposits/", deposits.deposit_list, name="deposits"),
    path("staff/deposits/return/", deposits.return_several, name="return-deposits"),
    path("staff/deposits/<str:reference>/", deposits.deposit_check, name="deposit-check"),
    path("staff/letters/", unsent_emails.unsent_emails, name="letters"),
    path("staff/letters/<n:number>/again/", unsent_emails.retry_email, name="letter-again"),
]
