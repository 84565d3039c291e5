"""Addresses of the alerts."""

from django.urls import URLPattern, path

from waymark.web.alerts import archive, feeds, inbox, issues

urlpatterns: list[URLPattern] = [
    path("alerts/criteria/", archive.criteria, name="alert-criteria"),
    path("alerts/archive/<slug:alert_list>/", archive.archive, name="alert-archive"),
    path("alerts/archive/<slug:alert_list>/feed.atom", archive.feed, name="alert-feed"),
    path("alerts/archive/<slug:alert_list>/<n:number>/", archive.issue_page, name="alert-issue"),
    path("staff/alerts/lists/", issues.alert_lists, name="edit-alerts"),
    path("staff/alerts/inbox/", inbox.inbox, name="alert-inbox"),
    path("staff/alerts/inbox/gather/", inbox.gather, name="gather-alerts"),
    path("staff/alerts/inbox/<n:number>/", inbox.decide, name="decide-candidate"),
    path("staff/alerts/feeds/", feeds.feeds, name="alert-feeds"),
    path("staff/alerts/feeds/<n:number>/", feeds.change_feed, name="change-feed"),
    path("staff/alerts/lists/<slug:alert_list>/", issues.list_issues, name="alert-issues"),
    path("staff/alerts/lists/<slug:alert_list>/day/", issues.set_schedule, name="alert-schedule"),
    path("staff/alerts/issues/<n:number>/", issues.edit_issue, name="edit-alert-issue"),
    path("staff/alerts/issues/<n:number>/preview/", issues.preview, name="preview-alert"),
    path("staff/alerts/issues/<n:number>/email/", issues.email_preview, name="alert-email"),
    path("staff/alerts/items/<n:number>/", issues.edit_item, name="edit-alert-item"),
]
