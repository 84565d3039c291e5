"""Addresses of the bodies."""

from django.urls import URLPattern, path

from waymark.web.bodies import audit, public, staff

urlpatterns: list[URLPattern] = [
    path("bodies/", public.body_list, name="bodies"),
    path("bodies/<slug:key>/", public.body_page, name="body"),
    path("bodies/<slug:key>/audit/", audit.audit_page, name="body-audit"),
    path("bodies/<slug:key>/audit.<str:ending>", audit.audit_file, name="body-audit-file"),
    path("bodies/<slug:key>/body.json", public.body_json, name="body-json"),
    path("staff/bodies/", staff.manage_bodies, name="keep-bodies"),
    path("staff/bodies/new/", staff.add_body, name="add-body"),
    path("staff/bodies/<slug:key>/", staff.edit_body, name="edit-body"),
    path("staff/bodies/<slug:key>/merge/", staff.merge_body, name="merge-body"),
]
