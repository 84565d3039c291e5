"""Addresses of the applications for restricted data."""

from django.urls import URLPattern, path

from waymark.web.data_access import public, staff

urlpatterns: list[URLPattern] = [
    path("data/access/", public.about_access, name="data-access"),
    path("data/access/apply/", public.apply, name="apply-for-data"),
    path("data/access/sent/", public.application_sent, name="data-application-sent"),
    path("data/access/<str:reference>/<str:token>/", public.application, name="data-application"),
    path("staff/data-access/", staff.application_list, name="data-applications"),
    path("staff/data-access/<str:reference>/", staff.decide, name="decide-data-application"),
]
