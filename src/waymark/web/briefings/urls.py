"""Addresses of the briefings and guides."""

from django.urls import URLPattern, path

from waymark.web.briefings import describing, feed, files, public, signing, staff, uses

WORK = "<work:work>/<slug:slug>/"
EDITION = f"{WORK}<n:number>/"

urlpatterns: list[URLPattern] = [
    path("briefings/", public.briefing_list, name="briefings"),
    path("briefings/feed.atom", feed.briefings_feed, name="briefings-feed"),
    path(WORK, public.briefing_page, name="briefing"),
    path(EDITION, public.briefing_page, name="briefing-edition"),
    path(f"{EDITION}check/", public.check_page, name="check-briefing"),
    path(f"{EDITION}seven-minutes/", public.short_page, name="briefing-short"),
    path(f"{EDITION}learning-event/", files.event_page, name="briefing-event"),
    path(f"{EDITION}<str:name>", files.briefing_file, name="briefing-file"),
    path(f"{WORK}use/", uses.record_use, name="briefing-use"),
    path(f"{WORK}use/received/", uses.use_received, name="briefing-use-received"),
    path("staff/briefings/", staff.briefings_in_progress, name="edit-briefings"),
    path("staff/briefings/new/", describing.new_briefing, name="new-briefing"),
    path("staff/briefings/uses/", uses.decide_uses, name="briefing-uses"),
    path(f"staff/{WORK}", staff.edit_briefing, name="edit-briefing"),
    path(f"staff/{WORK}describe/", describing.describe_briefing, name="describe-briefing"),
    path(f"staff/{WORK}sign/", signing.sign_briefing, name="sign-briefing"),
    path(f"staff/{EDITION}withdraw/", describing.withdraw_briefing, name="withdraw-briefing"),
    path(f"staff/{WORK}texts/<slug:slot>/", staff.edit_text, name="edit-briefing-text"),
    path(
        f"staff/{WORK}texts/<slug:slot>/versions/",
        staff.text_versions,
        name="briefing-text-versions",
    ),
]
