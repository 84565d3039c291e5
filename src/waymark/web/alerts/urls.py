"""Addresses of the alerts."""

from django.urls import URLPattern, path

from waymark.web.alerts import (
    archive,
    delivery,
    feeds,
    inbox,
    issue_items,
    issue_lists,
    issue_preview,
    issues,
    record_corrections,
    sign_up,
    subscribers,
    subscriptions,
)

urlpatterns: list[URLPattern] = [
    path("alerts/", sign_up.alerts_page, name="alerts"),
    path("alerts/confirm/<str:token>/", sign_up.confirm_page, name="alert-confirm"),
    path(
        "alerts/preferences/<str:token>/", subscriptions.preferences_page, name="alert-preferences"
    ),
    path(
        "alerts/preferences/<str:token>/address/",
        subscriptions.change_address,
        name="alert-address",
    ),
    path("alerts/preferences/<str:token>/stop/", subscriptions.stop_all, name="alert-stop"),
    path("alerts/preferences/<str:token>/erase/", subscriptions.erase_page, name="alert-erase"),
    path("alerts/erased/", subscriptions.erased_page, name="alert-erased"),
    path(
        "alerts/unsubscribe/<str:token>/<slug:alert_list>/",
        subscriptions.unsubscribe,
        name="alert-unsubscribe",
    ),
    path("staff/subscribers/", subscribers.subscriber_list, name="subscribers"),
    path("staff/subscribers/find/", subscribers.find_subscriber, name="find-subscriber"),
    path("staff/subscribers/add/", subscribers.add_subscriber, name="add-subscriber"),
    path("staff/subscribers/failing/", delivery.failing_list, name="failing-subscribers"),
    path("staff/subscribers/<n:number>/", subscribers.subscriber_page, name="subscriber"),
    path(
        "staff/subscribers/<n:number>/failures/",
        delivery.failures_page,
        name="subscriber-failures",
    ),
    path("staff/alerts/deliveries/", delivery.deliveries, name="deliveries"),
    path("staff/alerts/issues/<n:number>/delivery/", delivery.delivery_page, name="alert-delivery"),
    path("alerts/criteria/", archive.criteria, name="alert-criteria"),
    path("alerts/archive/<slug:alert_list>/", archive.archive, name="alert-archive"),
    path("alerts/archive/<slug:alert_list>/feed.atom", archive.feed, name="alert-feed"),
    path("alerts/archive/<slug:alert_list>/<n:number>/", archive.issue_page, name="alert-issue"),
    path("staff/alerts/lists/", issue_lists.alert_lists, name="edit-alerts"),
    path("staff/alerts/inbox/", inbox.inbox, name="alert-inbox"),
    path("staff/alerts/inbox/gather/", inbox.gather, name="gather-alerts"),
    path("staff/alerts/inbox/<n:number>/", inbox.decide, name="decide-candidate"),
    path("staff/alerts/feeds/", feeds.feeds, name="alert-feeds"),
    path("staff/alerts/feeds/<n:number>/", feeds.change_feed, name="change-feed"),
    path("staff/alerts/lists/<slug:alert_list>/", issue_lists.list_issues, name="alert-issues"),
    path(
        "staff/alerts/lists/<slug:alert_list>/day/", issue_lists.set_schedule, name="alert-schedule"
    ),
    path("staff/alerts/issues/<n:number>/", issues.edit_issue, name="edit-alert-issue"),
    path("staff/alerts/issues/<n:number>/preview/", issue_preview.preview, name="preview-alert"),
    path("staff/alerts/issues/<n:number>/email/", issue_preview.email_preview, name="alert-email"),
    path(
        "staff/alerts/records/<n:number>/",
        record_corrections.record_correction,
        name="alert-record",
    ),
    path("staff/alerts/items/<n:number>/", issue_items.edit_item, name="edit-alert-item"),
]
