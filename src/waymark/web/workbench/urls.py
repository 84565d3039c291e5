"""Addresses of the coding queue and the workbench."""

from django.urls import URLPattern, path

from waymark.web.workbench import acts, finding, keys, nearest, pages, queue

DESK = "staff/coding/<slug:name>/<str:version>/<str:key>/"

urlpatterns: list[URLPattern] = [
    path("staff/coding/", queue.coding_queue, name="coding-queue"),
    path("staff/coding/continue/", pages.continue_coding, name="continue-coding"),
    path("staff/coding/<slug:name>/<str:version>/keys/", keys.coding_keys, name="coding-keys"),
    path(DESK, pages.workbench, name="workbench"),
    path(f"{DESK}parts/<n:number>/", pages.workbench_part, name="workbench-part"),
    path(f"{DESK}find/", finding.find_words, name="workbench-find"),
    path(f"{DESK}nearest/", nearest.nearest_place, name="workbench-nearest"),
    path(f"{DESK}begin/", pages.begin, name="workbench-begin"),
    path(f"{DESK}act/", acts.act, name="workbench-act"),
    path(f"{DESK}suggestion/", pages.change_suggestion, name="workbench-suggestion"),
    path(f"{DESK}finish/", pages.finish, name="workbench-finish"),
]
